//! Chinese: letters, the phone and the link kit.

use super::Letters;

/// Chinese.
pub const TEXTS: Letters = Letters {
    // Typing a code
    go_title: "输入信件中的代码",
    go_lede: "它会打开您的隐私选择。在您作出选择之前，什么都不会改变。",
    go_label: "信件中的代码",
    go_hint: "八个字母和数字，例如 {example}。大小写、空格和连字符都没有影响。",
    go_submit: "打开我的选择",
    go_empty: "请输入信件中的代码。",
    go_length: "代码由八个字母和数字组成。请与信件核对。",
    go_character: "代码只含字母 A 到 Z 和数字。请与信件核对。",
    go_checksum: "有一个字符不对，或有两个字符颠倒了位置。请与信件核对。",
    go_unknown_title: "此代码无法打开任何内容",
    go_unknown: "它可能已过期，或不完全正确。您可以再输入一次，也可以在下方不用代码直接关闭。",
    go_many_title: "错误代码过多",
    go_many: "请等一分钟再试。正确的代码随时都能打开。您也可以在下方不用代码立即关闭。",
    go_without: "手边没有代码？不用代码也能关闭",

    // The form to post
    form_title: "邮寄关闭表",
    form_lede: "勾选您希望停止的项目，然后把这一页寄给我们。不需要理由，也不需要签名。",
    form_print: "请用浏览器打印本页，一张纸即可。",
    form_who: "以便我们找到您",
    form_name: "您的姓名或客户编号",
    form_reach: "一个电子邮箱、电话号码或邮寄地址",
    form_messages: "停止向我发送",
    form_profiling: "停止对我进行推测",
    form_sharing: "停止共享我的数据",
    form_empty: "未勾选的项目不作任何改变。",
    form_law: "以下事项由法律要求，因此继续进行：{list}。",
    form_to: "请寄至",
    form_when: "自我们收到之日起生效。已经印好或已在途中的内容可能仍会送达。",
    form_faster: "在 {url} 或致电 {phone} 可立即生效",

    // What staff read out
    script_title: "电话关闭",
    script_use: "带竖线的句子请念出来，其余供您参考。",
    script_greeting_heading: "问候",
    script_greeting: "您好，这里是 {brand}。您不想要的，我现在就可以为您停止。您不必说明理由。",
    script_find_heading: "为谁办理",
    script_find: "请问您的客户编号、电子邮箱或电话号码是什么？",
    script_find_second: "请问您的姓名？",
    script_find_note: "仅当第一个回答不够时才询问姓名。不要问其他任何信息：不问出生日期、密码或身份证明。如果查不到此人，也照样为该地址或号码记录选择。",
    script_what_heading: "停止什么",
    script_what: "您希望停止什么？我可以全部关闭，也可以关闭以下任何一项：",
    script_what_note: "不要问原因，不要提供替代方案，也不要问对方是否确定。",
    script_repeat_heading: "复述您所做的",
    script_repeat: "我已关闭：{what}。从现在起生效。您的编号是 {reference}。",
    script_messages: "已在途中的消息可能仍会送达，最迟到 {date}。",
    script_post: "已经印好的资料（例如商品目录）可能仍会寄到，最迟到 {date}。",
    script_companies: "接收您数据的公司最迟在 {date} 前停止。",
    script_repeat_note: "只念与所关闭项目相符的句子，并逐字念出编号。",
    script_law_heading: "继续进行的事项",
    script_law_note: "当对方关闭了数据共享或全部项目，或主动问起时，请说明这一点。",
    script_goodbye_heading: "结束",
    script_goodbye: "已经办好了。您随时可以在 {url} 或通过电话查看和更改。再见。",
    script_goodbye_note: "本次通话即为确认。请将日期、时间与编号一并记录。",

    // The answer to a letter
    letter_title: "您要求的事项已办理",
    letter_body: "我们于 {day} 收到您的来信。自那时起已关闭：{what}。您的编号是 {reference}。",
    letter_more: "您随时可以在 {url} 或致电 {phone} 查看和更改",

    // What the business copies
    kit_unsubscribe: "退订",
    kit_choices: "您的隐私选择",
    kit_policy: "您可以随时免费查看我们向您发送什么、谁会收到您的数据，并将其关闭，无需登录：",
    kit_letter: "不想再收到？请扫描二维码，或前往 {url} 输入 {code}。",
};
