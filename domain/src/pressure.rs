//! Phrases that press a reader who wants to leave, or hide the way out (EDPB Guidelines 03/2022
//! §4, "emotional steering" and "hindering"; 11 CCR 7004(a)(4)).

use crate::language::Language::{self, Arabic, Chinese, English, French, German, Spanish};
use crate::reply::squeeze;

const PHRASES: &[(Language, &[&str])] = &[
    (
        English,
        &[
            "are you sure you want to leave",
            "are you sure you want to unsubscribe",
            "we’re sad to see you go",
            "we are sad to see you go",
            "we’re sorry to see you go",
            "we are sorry to see you go",
            "we’ll miss you",
            "we will miss you",
            "don’t leave us",
            "don’t go",
            "you will miss out",
            "you’ll miss out",
            "don’t miss out",
            "last chance",
            "act now",
            "before it’s too late",
            "hurry",
            "only today",
            "no, i don’t want to save",
            "i don’t like saving money",
            "you will lose all",
            "you’ll lose all",
            "log in to unsubscribe",
            "login to unsubscribe",
            "sign in to unsubscribe",
            "up to 10 days to unsubscribe",
        ],
    ),
    (
        Chinese,
        &[
            "确定要离开吗",
            "您确定要退订",
            "你确定要退订",
            "舍不得您",
            "舍不得你",
            "我们会想念",
            "不要离开",
            "别走",
            "不要错过",
            "千万别错过",
            "最后机会",
            "马上行动",
            "立即抢购",
            "仅限今天",
            "登录后退订",
            "请登录以退订",
        ],
    ),
    (
        Spanish,
        &[
            "seguro que quieres irte",
            "seguro que quieres darte de baja",
            "lamentamos que te vayas",
            "sentimos que te vayas",
            "te echaremos de menos",
            "te extrañaremos",
            "no te vayas",
            "no te lo pierdas",
            "te lo vas a perder",
            "última oportunidad",
            "actúa ahora",
            "antes de que sea tarde",
            "date prisa",
            "solo hoy",
            "inicia sesión para darte de baja",
        ],
    ),
    (
        German,
        &[
            "möchten Sie uns wirklich verlassen",
            "willst du uns wirklich verlassen",
            "wirklich abmelden",
            "schade, dass Sie gehen",
            "schade, dass du gehst",
            "wir werden Sie vermissen",
            "wir werden dich vermissen",
            "bleiben Sie bei uns",
            "nicht verpassen",
            "verpassen Sie nichts",
            "verpasse nichts",
            "letzte Chance",
            "jetzt handeln",
            "bevor es zu spät ist",
            "nur heute",
            "beeilen Sie sich",
            "beeil dich",
            "melden Sie sich an, um sich abzumelden",
        ],
    ),
    (
        French,
        &[
            "voulez-vous vraiment partir",
            "voulez-vous vraiment nous quitter",
            "voulez-vous vraiment vous désabonner",
            "nous sommes tristes de vous voir partir",
            "dommage de vous voir partir",
            "vous allez nous manquer",
            "ne partez pas",
            "ne manquez pas",
            "ne ratez pas",
            "dernière chance",
            "agissez maintenant",
            "avant qu’il ne soit trop tard",
            "dépêchez-vous",
            "aujourd’hui seulement",
            "connectez-vous pour vous désabonner",
        ],
    ),
    (
        Arabic,
        &[
            "هل أنت متأكد أنك تريد المغادرة",
            "هل تريد حقا المغادرة",
            "يؤسفنا رحيلك",
            "يحزننا رحيلك",
            "سنفتقدك",
            "لا تذهب",
            "لا تفوت",
            "لا تفوتك",
            "الفرصة الأخيرة",
            "تصرف الآن",
            "قبل فوات الأوان",
            "سارع",
            "أسرع",
            "اليوم فقط",
            "سجل الدخول لإلغاء الاشتراك",
        ],
    ),
];

/// The phrases of pressure that a text holds, in any language: words count, not their case,
/// accents or spaces.
#[must_use]
pub fn pressures(text: &str) -> Vec<(Language, &'static str)> {
    let words = spaced(text);
    let joined = squeeze(text);
    let listed = PHRASES.iter().flat_map(|(language, list)| list.iter().map(|p| (*language, *p)));
    let holds = |language, phrase: &str| match language {
        // Chinese puts no spaces between words.
        Chinese => joined.contains(&squeeze(phrase)),
        _ => words.contains(&spaced(phrase)),
    };
    listed.filter(|(language, phrase)| holds(*language, phrase)).collect()
}

/// Words in one form, with one space around each, so that "hurry" is not found in a longer word.
fn spaced(text: &str) -> String {
    let words = text.split(|c: char| {
        !c.is_alphanumeric() && !unicode_normalization::char::is_combining_mark(c) && c != '\u{640}'
    });
    let words = words.map(squeeze).filter(|word| !word.is_empty());
    words.fold(String::from(" "), |text, word| text + &word + " ")
}
