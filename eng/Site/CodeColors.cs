using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Site;

/// <summary>Highlights comments, strings, numbers and keywords of a language. Other text is unchanged.</summary>
internal static partial class CodeColors
{
    private static readonly Dictionary<string, Regex> Languages = new(StringComparer.Ordinal)
    {
        ["csharp"] = CSharp(),
        ["json"] = Json(),
        ["sh"] = Shell(),
        ["xml"] = Markup(),
        ["html"] = Markup(),
        ["sql"] = Sql(),
    };

    public static string Html(string language, string code)
    {
        if (!Languages.TryGetValue(language, out var grammar))
            return WebUtility.HtmlEncode(code);
        var html = new StringBuilder();
        var at = 0;
        foreach (Match match in grammar.Matches(code))
        {
            html.Append(WebUtility.HtmlEncode(code[at..match.Index]));
            var kind = match.Groups.Cast<Group>().Skip(1).First(group => group.Success).Name;
            html.Append("<i class=\"")
                .Append(kind)
                .Append("\">")
                .Append(WebUtility.HtmlEncode(match.Value))
                .Append("</i>");
            at = match.Index + match.Length;
        }
        return html.Append(WebUtility.HtmlEncode(code[at..])).ToString();
    }

    [GeneratedRegex(
        """
        (?<c>//[^\n]*|/\*[\s\S]*?\*/)|(?<s>\$?\"{3}[\s\S]*?\"{3}|[$@]*"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)')|
        (?<k>\b(?:
            abstract|as|async|await|bool|break|case|catch|class|const|continue|decimal|default|delegate|do|double|else|
            enum|event|false|finally|for|foreach|get|if|in|init|int|interface|internal|is|long|namespace|new|not|null|
            object|or|and|out|override|params|partial|private|protected|public|readonly|record|ref|required|return|sealed|
            static|string|struct|switch|this|throw|true|try|typeof|using|var|virtual|void|when|where|while|with|yield)\b)|
        (?<n>\b[0-9][0-9_]*(?:\.[0-9]+)?[mLdf]?\b)|(?<t>\b[A-Z][A-Za-z0-9]*\b)
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex CSharp();

    [GeneratedRegex(
        """
        (?<t>"(?:[^"\\]|\\.)*"(?=\s*:))|(?<s>"(?:[^"\\]|\\.)*")|
        (?<n>-?\b[0-9]+(?:\.[0-9]+)?\b)|(?<k>\b(?:true|false|null)\b)
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Json();

    [GeneratedRegex(
        """
        (?<c>(?<=^|\s)\#[^\n]*)|(?<s>'[^']*'|"(?:[^"\\]|\\.)*")|
        (?<k>(?<=^|\n)\s*[./a-z][\w./-]*)|(?<t>(?<=\s)--?[A-Za-z][\w-]*)
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Shell();

    [GeneratedRegex("""(?<c><!--[\s\S]*?-->)|(?<k></?[A-Za-z][\w.:-]*|/?>)|(?<s>"[^"]*")|(?<t>\b[A-Za-z-]+(?==))""")]
    private static partial Regex Markup();

    [GeneratedRegex(
        """
        (?<c>--[^\n]*)|(?<s>'[^']*')|(?<n>\b[0-9]+\b)|
        (?<k>\b(?:SELECT|FROM|WHERE|INSERT|INTO|VALUES|UPDATE|SET|DELETE|CREATE|TABLE|INDEX|VIEW|AS|ON|ORDER|GROUP|BY|LIMIT|
            AND|OR|NOT|NULL|PRAGMA)\b)
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Sql();
}
