//! Texts about the browser's signal (Global Privacy Control), in every language.

use domain::Language;

/// What pages say of the browser's signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Texts {
    /// Heading while the signal is present.
    pub honored: &'static str,
    /// What is done because of it.
    pub honored_text: &'static str,
    /// How far it reaches for somebody we know.
    pub account: &'static str,
    /// How far it reaches for somebody we don't know.
    pub browser: &'static str,
    /// The control that is off meanwhile.
    pub control: &'static str,
    /// What the customer allowed against it, `{list}`.
    pub conflict: &'static str,
    /// Before allowing something that the browser asks to stop.
    pub asks_otherwise: &'static str,
    /// Beside a switch: off since `{date}`.
    pub since: &'static str,
    /// Heading of how signals are handled.
    pub how_heading: &'static str,
    /// How they are handled.
    pub how: &'static str,
    /// How conflicts are handled.
    pub how_conflicts: &'static str,
}

/// The words that the law's example has (11 CCR 7025(c)(6)); beside a translation they stand too.
pub const HONORED: &str = "Opt-Out Request Honored";

const ENGLISH: Texts = Texts {
    honored: HONORED,
    honored_text: "Your browser asks us not to sell or share your data (Global Privacy Control). We do as it asks, and it stays so when the signal is gone.",
    account: "This holds for your account, wherever you use it.",
    browser: "This holds for this browser. Once we know who you are, it holds for your account as well.",
    control: "Sale and sharing of your data",
    conflict: "You allowed this yourself after your browser had asked us not to: {list}. Your own choice holds, and your browser still asks for the opposite. You can turn it off below.",
    asks_otherwise: "Your browser asks us not to sell or share your data (Global Privacy Control). If you allow this here, your choice holds instead of the signal, for this one company.",
    since: "Off since {date}, because your browser asks for it",
    how_heading: "How we handle signals from your browser",
    how: "Some browsers send a signal that asks websites not to sell or share data: Global Privacy Control. We honor it for everyone, without any further step. If we know who you are, it counts for your account, and otherwise for your browser. It does not end messages or delete data; the other switches do that or the privacy team does.",
    how_conflicts: "If you had allowed a company to receive data earlier, the signal comes first and turns that off. If you allow it again afterwards, in two steps, we follow that choice for that company and tell you that your browser still asks for the opposite. Without the signal, nothing is turned on again.",
};

const CHINESE: Texts = Texts {
    honored: "已按您的要求停止出售和共享",
    honored_text: "您的浏览器要求我们不出售、不共享您的数据（全球隐私控制，Global Privacy Control）。我们照此办理；即使以后不再收到该信号，也保持不变。",
    account: "这适用于您的账户，无论您在哪里使用。",
    browser: "这适用于此浏览器。一旦我们知道您是谁，也将适用于您的账户。",
    control: "出售和共享您的数据",
    conflict: "在浏览器提出要求之后，您自己允许了：{list}。以您自己的选择为准，而您的浏览器仍在提出相反的要求。您可以在下面将其关闭。",
    asks_otherwise: "您的浏览器要求我们不出售、不共享您的数据（Global Privacy Control）。如果您在此允许，则对这一家公司以您的选择为准，而不是以信号为准。",
    since: "应您浏览器的要求，自{date}起关闭",
    how_heading: "我们如何处理浏览器发出的信号",
    how: "有些浏览器会发送一个信号，要求网站不出售、不共享数据：全球隐私控制（Global Privacy Control）。我们对所有人都遵守，无需任何其他操作。如果我们知道您是谁，信号适用于您的账户，否则适用于您的浏览器。它不会停止消息，也不会删除数据；这些请使用其他开关或联系隐私团队。",
    how_conflicts: "如果您以前允许过某家公司接收数据，信号优先，该项会被关闭。如果您之后分两步再次允许，我们对该公司遵循您的选择，并告诉您浏览器仍在提出相反的要求。信号消失时，不会重新开启任何项目。",
};

const SPANISH: Texts = Texts {
    honored: "Respetamos su solicitud de exclusión",
    honored_text: "Su navegador nos pide que no vendamos ni compartamos sus datos (Global Privacy Control). Lo cumplimos, y sigue así aunque la señal desaparezca.",
    account: "Vale para su cuenta, dondequiera que la use.",
    browser: "Vale para este navegador. En cuanto sepamos quién es usted, valdrá también para su cuenta.",
    control: "Venta y cesión de sus datos",
    conflict: "Usted permitió esto después de que su navegador pidiera lo contrario: {list}. Vale su propia decisión, y su navegador sigue pidiendo lo contrario. Puede desactivarlo más abajo.",
    asks_otherwise: "Su navegador nos pide que no vendamos ni compartamos sus datos (Global Privacy Control). Si lo permite aquí, vale su decisión en lugar de la señal, solo para esta empresa.",
    since: "Desactivado desde el {date} porque su navegador lo pide",
    how_heading: "Cómo tratamos las señales de su navegador",
    how: "Algunos navegadores envían una señal que pide a los sitios web que no vendan ni compartan datos: Global Privacy Control. La respetamos para todas las personas, sin ningún otro paso. Si sabemos quién es usted, vale para su cuenta; si no, para su navegador. No detiene los mensajes ni borra datos: para eso están los demás interruptores o el equipo de privacidad.",
    how_conflicts: "Si antes había permitido que una empresa recibiera datos, la señal tiene prioridad y lo desactiva. Si después lo permite de nuevo, en dos pasos, seguimos esa decisión para esa empresa y le decimos que su navegador sigue pidiendo lo contrario. Cuando falta la señal, no se vuelve a activar nada.",
};

const GERMAN: Texts = Texts {
    honored: "Ihr Widerspruch wird befolgt",
    honored_text: "Ihr Browser bittet uns, Ihre Daten nicht zu verkaufen und nicht weiterzugeben (Global Privacy Control). Daran halten wir uns, auch wenn das Signal später fehlt.",
    account: "Das gilt für Ihr Konto, wo immer Sie es nutzen.",
    browser: "Das gilt für diesen Browser. Sobald wir wissen, wer Sie sind, gilt es auch für Ihr Konto.",
    control: "Verkauf und Weitergabe Ihrer Daten",
    conflict: "Das haben Sie selbst erlaubt, nachdem Ihr Browser um das Gegenteil gebeten hatte: {list}. Ihre eigene Wahl gilt, und Ihr Browser bittet weiterhin um das Gegenteil. Sie können es unten ausschalten.",
    asks_otherwise: "Ihr Browser bittet uns, Ihre Daten nicht zu verkaufen und nicht weiterzugeben (Global Privacy Control). Wenn Sie es hier erlauben, gilt Ihre Wahl statt des Signals, nur für dieses eine Unternehmen.",
    since: "Aus seit {date}, weil Ihr Browser darum bittet",
    how_heading: "Wie wir mit Signalen Ihres Browsers umgehen",
    how: "Manche Browser senden ein Signal, das Websites bittet, Daten nicht zu verkaufen und nicht weiterzugeben: Global Privacy Control. Wir befolgen es bei allen, ohne weiteren Schritt. Wissen wir, wer Sie sind, gilt es für Ihr Konto, sonst für Ihren Browser. Es beendet keine Nachrichten und löscht keine Daten; dafür gibt es die anderen Schalter und das Datenschutzteam.",
    how_conflicts: "Haben Sie einem Unternehmen früher erlaubt, Daten zu erhalten, geht das Signal vor und schaltet das aus. Erlauben Sie es danach erneut, in zwei Schritten, folgen wir dieser Wahl für dieses Unternehmen und sagen Ihnen, dass Ihr Browser weiterhin um das Gegenteil bittet. Fehlt das Signal, wird nichts wieder eingeschaltet.",
};

const FRENCH: Texts = Texts {
    honored: "Votre demande d’opposition est respectée",
    honored_text: "Votre navigateur nous demande de ne pas vendre ni partager vos données (Global Privacy Control). Nous le respectons, et cela reste ainsi même si le signal disparaît.",
    account: "Cela vaut pour votre compte, où que vous l’utilisiez.",
    browser: "Cela vaut pour ce navigateur. Dès que nous saurons qui vous êtes, cela vaudra aussi pour votre compte.",
    control: "Vente et partage de vos données",
    conflict: "Vous avez vous-même autorisé ceci après que votre navigateur a demandé le contraire : {list}. Votre propre choix s’applique, et votre navigateur demande toujours le contraire. Vous pouvez le désactiver ci-dessous.",
    asks_otherwise: "Votre navigateur nous demande de ne pas vendre ni partager vos données (Global Privacy Control). Si vous l’autorisez ici, votre choix s’applique à la place du signal, pour cette seule entreprise.",
    since: "Désactivé depuis le {date}, car votre navigateur le demande",
    how_heading: "Comment nous traitons les signaux de votre navigateur",
    how: "Certains navigateurs envoient un signal qui demande aux sites de ne pas vendre ni partager de données : Global Privacy Control. Nous le respectons pour tout le monde, sans autre démarche. Si nous savons qui vous êtes, il vaut pour votre compte, sinon pour votre navigateur. Il n’arrête pas les messages et n’efface pas de données ; pour cela, il y a les autres interrupteurs et l’équipe chargée de la confidentialité.",
    how_conflicts: "Si vous aviez autorisé auparavant une entreprise à recevoir des données, le signal passe en premier et désactive cette autorisation. Si vous l’accordez de nouveau ensuite, en deux étapes, nous suivons ce choix pour cette entreprise et vous disons que votre navigateur demande toujours le contraire. Sans le signal, rien n’est réactivé.",
};

const ARABIC: Texts = Texts {
    honored: "تم احترام طلبك بعدم البيع والمشاركة",
    honored_text: "يطلب متصفحك منا ألا نبيع بياناتك وألا نشاركها (Global Privacy Control). نحن نلتزم بذلك، ويبقى الأمر كذلك حتى إذا غابت الإشارة لاحقًا.",
    account: "يسري هذا على حسابك أينما استخدمته.",
    browser: "يسري هذا على هذا المتصفح. وعندما نعرف من أنت، يسري على حسابك أيضًا.",
    control: "بيع بياناتك ومشاركتها",
    conflict: "لقد سمحت بهذا بنفسك بعد أن طلب متصفحك خلاف ذلك: {list}. اختيارك أنت هو الساري، ولا يزال متصفحك يطلب العكس. يمكنك إيقافه أدناه.",
    asks_otherwise: "يطلب متصفحك منا ألا نبيع بياناتك وألا نشاركها (Global Privacy Control). إذا سمحت بهذا هنا، يسري اختيارك بدلًا من الإشارة، لهذه الشركة وحدها.",
    since: "متوقف منذ {date} لأن متصفحك يطلب ذلك",
    how_heading: "كيف نتعامل مع إشارات متصفحك",
    how: "ترسل بعض المتصفحات إشارة تطلب من المواقع ألا تبيع البيانات وألا تشاركها: Global Privacy Control. نحن نحترمها للجميع دون أي خطوة أخرى. إذا عرفنا من أنت، تسري على حسابك، وإلا فعلى متصفحك. وهي لا توقف الرسائل ولا تحذف البيانات؛ لذلك توجد المفاتيح الأخرى وفريق الخصوصية.",
    how_conflicts: "إذا كنت قد سمحت سابقًا لشركة بتلقي البيانات، فالإشارة تأتي أولًا وتوقف ذلك. وإذا سمحت به مجددًا بعد ذلك، في خطوتين، نتبع اختيارك لتلك الشركة ونخبرك بأن متصفحك لا يزال يطلب العكس. وعند غياب الإشارة، لا يُعاد تشغيل أي شيء.",
};

impl Texts {
    /// The texts of a language.
    #[must_use]
    pub const fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Chinese => &CHINESE,
            Language::Spanish => &SPANISH,
            Language::German => &GERMAN,
            Language::French => &FRENCH,
            Language::Arabic => &ARABIC,
        }
    }
}
