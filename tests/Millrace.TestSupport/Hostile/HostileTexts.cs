using System.Globalization;
using System.Text;

namespace Millrace.TestSupport;

/// <summary>Unusual texts that users and programs may use as names.</summary>
internal static class HostileTexts
{
    public static IReadOnlyDictionary<string, string> All { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["empty"] = "",
            ["blank"] = " \t\u00a0\u2003 ",
            ["blanks around"] = "  Mug  ",
            ["long"] = new string('x', 5_000),
            ["very long"] = new string('ä', 200_000),
            ["NUL"] = "Mu\0g",
            ["control characters"] = "\u0001\u0007\u001b[31mMug\u0085\u007f",
            ["lines"] = "Mug\r\nSet-Cookie: a=b\n",
            ["half a pair, high"] = "Mug\ud800",
            ["half a pair, low"] = "\udc00Mug",
            ["pair the wrong way round"] = "\udc00\ud800",
            ["beyond the first plane"] = "🫖\U0010FFFD",
            ["composed"] = "Caf\u00e9 \u00c5ngstr\u00f6m",
            ["decomposed"] = "Cafe\u0301 A\u030angstro\u0308m",
            ["compatibility forms"] = "\ufb01 \u2460 \u212b \uff33\uff2b\uff35",
            ["many marks"] = "Z" + new string('\u0301', 500),
            ["the other way"] = "\u202emug\u202c \u2066x\u2069",
            ["invisible"] = "Mu\u200bg\ufeff\u2060",
            ["not characters"] = "\ufffe\uffff\ufdd0",
            ["path"] = "../../../../etc/passwd",
            ["path of Windows"] = "..\\..\\C:\\CON",
            ["percent-encoded"] = "%2e%2e%2f%00%ED%A0%80%C0%AF",
            ["a route"] = "{order}/items?x=1#y",
            ["SQL"] = "'; DROP TABLE events; --",
            ["wild cards"] = "%_*?[a-z]",
            ["markup"] = "<img src=x onerror=alert(1)>",
            ["template"] = "{{7*7}} ${7*7} #{7*7}",
            ["JSON"] = "\",\"price\":0,\"x\":\"",
            ["number"] = "1e400",
            ["words of programs"] = "null",
            ["Turkish"] = "İıŞ",
        };

    /// <summary>
    /// Returns a JSON string in which every character is escaped. Lone surrogates have no other form in JSON.
    /// </summary>
    public static string Json(string text)
    {
        var json = new StringBuilder("\"");
        foreach (var character in text)
            json.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
        return json.Append('"').ToString();
    }
}
