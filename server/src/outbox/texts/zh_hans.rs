//! Chinese in simplified script.

use super::Words;

/// Chinese in simplified script.
pub const WORDS: Words = Words {
    confirmation_subject: "{brand}：您的选择已保存",
    confirmation_heading: "您的选择已保存",
    confirmation_lede: "以下是更改的内容及其生效时间。",
    change: "{target}：{act}",
    counts_from: "自 {date} 起生效",
    choices: "查看和更改您的选择",
    undo: "撤销更改",
    undo_until: "在 {date} 之前，此链接只能撤销这封邮件中列出的更改。请不要转发：任何拿到此链接的人都可以撤销这些更改。",
    changed_mind: "您随时可以通过这个个人链接关闭更多项目。如需重新开启某个项目，我们会向您发送验证码，以免他人代您操作。",
    not_you: "不是您本人操作？请写信至 {email} 并注明编号。",
    why_confirmation: "您收到这封邮件，是因为您的选择发生了更改，仅此一封。这不是广告。",
    why_code: "您收到这封邮件，是因为有人用此地址申请了验证码。这不是广告。",
    answer_subject: "您的请求 {reference}",
    why_answer: "您收到这封邮件，是因为您曾向我们提问。这不是广告。",
    reach: "我们的隐私团队： {email} 或 {phone}",
    portal: "您的隐私选择： {url}",
};
