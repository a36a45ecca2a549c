//! Arabic.

use super::Words;

/// Arabic.
pub const WORDS: Words = Words {
    confirmation_subject: "{brand}: تم حفظ خياراتك",
    confirmation_heading: "تم حفظ خياراتك",
    confirmation_lede: "هذا ما تغيّر، ومنذ متى يسري.",
    change: "{target}: {act}",
    counts_from: "منذ {date}",
    choices: "عرض خياراتك وتغييرها",
    undo_until: "يمكنك التراجع عن آخر تغيير حتى {date}: اضغط على «{undo}» في الصفحة التي أجريته فيها.",
    changed_mind: "بهذا الرابط الشخصي يمكنك إيقاف المزيد في أي وقت. ولإعادة تشغيل شيء ما نرسل إليك رمزًا، حتى لا يفعل ذلك أحد غيرك نيابة عنك.",
    not_you: "ألم تكن أنت من فعل ذلك؟ اكتب إلى {email} واذكر الرقم المرجعي.",
    why_confirmation: "وصلتك هذه الرسالة الوحيدة لأن خياراتك تغيّرت. وهي ليست إعلانًا.",
    why_code: "وصلتك هذه الرسالة لأن رمزًا طُلب بهذا العنوان. وهي ليست إعلانًا.",
    answer_subject: "طلبك {reference}",
    why_answer: "وصلتك هذه الرسالة لأنك سألتنا عن أمر ما. وهي ليست إعلانًا.",
    reach: "فريق الخصوصية لدينا: {email} أو {phone}",
    portal: "خيارات خصوصيتك: {url}",
};
