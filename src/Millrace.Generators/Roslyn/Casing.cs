using System.Text;
using Microsoft.CodeAnalysis.CSharp;

namespace Millrace.Generators.Roslyn;

/// <summary>Converts C# names to other conventions.</summary>
internal static class Casing
{
    /// <summary>
    /// Returns a name in camel case, as System.Text.Json does. <c>OrderId</c> becomes <c>orderId</c>, and
    /// <c>URLPath</c> becomes <c>urlPath</c>.
    /// </summary>
    public static string Camel(string name)
    {
        var letters = name.ToCharArray();
        for (var index = 0; index < letters.Length && char.IsUpper(letters[index]); index++)
        {
            if (index > 0 && index + 1 < letters.Length && !char.IsUpper(letters[index + 1]))
                break;
            letters[index] = char.ToLowerInvariant(letters[index]);
        }
        return new string(letters);
    }

    /// <summary>
    /// Returns a name in kebab case. <c>PlaceOrder</c> becomes <c>place-order</c>, and <c>GetHTTPStatus</c> becomes
    /// <c>get-http-status</c>.
    /// </summary>
    public static string Kebab(string name)
    {
        var text = new StringBuilder();
        for (var index = 0; index < name.Length; index++)
        {
            var startsWord = index > 0 && char.IsUpper(name[index])
                && (!char.IsUpper(name[index - 1]) || (index + 1 < name.Length && char.IsLower(name[index + 1])));
            if (startsWord)
                text.Append('-');
            text.Append(char.ToLowerInvariant(name[index]));
        }
        return text.ToString();
    }

    /// <summary>Returns the name of a local for a member. It is in camel case, and a keyword is escaped.</summary>
    public static string Local(string name) => Escaped(Camel(name));

    /// <summary>
    /// Returns a name as C# code. Keywords are escaped, and so is <c>await</c>, which is a keyword in an asynchronous
    /// method.
    /// </summary>
    public static string Escaped(string name) =>
        SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None && name != "await" ? name : "@" + name;

    /// <summary>
    /// Returns a name for a type declaration. Keywords are escaped, and so are all lower case names, because newer
    /// language versions reserve more words. A name in <see cref="PlatformNames"/> is escaped because
    /// <see cref="CodeWriter"/> would expand it.
    /// </summary>
    public static string EscapedType(string name) =>
        name.All(letter => letter is >= 'a' and <= 'z') || PlatformNames.Contains(name) ? "@" + name : Escaped(name);

    /// <summary>
    /// Returns a qualified name as C# code. Keywords in <paramref name="name"/> are already escaped. The method escapes
    /// contextual keywords such as <c>partial</c> or <c>await</c>.
    /// </summary>
    public static string EscapedPath(string name)
    {
        var text = new StringBuilder();
        var start = 0;
        for (var index = 0; index <= name.Length; index++)
        {
            if (index < name.Length && (char.IsLetterOrDigit(name[index]) || name[index] is '_' or '@'))
                continue;
            var word = name.Substring(start, index - start);
            if (start > 0
                && name[start - 1] is '.' or ':'
                && SyntaxFacts.GetContextualKeywordKind(word) != SyntaxKind.None)
                text.Append('@');
            text.Append(word);
            if (index < name.Length)
                text.Append(name[index]);
            start = index + 1;
        }
        return text.ToString();
    }
}
