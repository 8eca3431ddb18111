using System.Text;
using Microsoft.CodeAnalysis.CSharp;

namespace Millrace.Generators.Roslyn;

/// <summary>Converts C# names to other conventions.</summary>
internal static class Casing
{
    /// <summary>
    /// Camel case as in System.Text.Json: <c>OrderId</c> is <c>orderId</c>, <c>URLPath</c> is <c>urlPath</c>.
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

    /// <summary><c>PlaceOrder</c> is <c>place-order</c>, <c>GetHTTPStatus</c> is <c>get-http-status</c>.</summary>
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

    /// <summary>Returns a local variable's name for a member: camel case, escaped when it is a keyword.</summary>
    public static string Local(string name) => Escaped(Camel(name));

    /// <summary>
    /// Returns a name as in C#, escaped when it is a keyword, including <c>await</c> in an asynchronous method.
    /// </summary>
    public static string Escaped(string name) =>
        SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None && name != "await" ? name : "@" + name;

    /// <summary>
    /// Returns a name for a type declaration. Contextual keywords such as <c>record</c> are escaped, and so are all
    /// lower case names, because newer language versions reserve more words. Names of the platform would be written in
    /// full.
    /// </summary>
    public static string EscapedType(string name) =>
        name.All(letter => letter is >= 'a' and <= 'z') || PlatformNames.Contains(name) ? "@" + name : Escaped(name);

    /// <summary>
    /// Returns a qualified name whose keywords are already escaped. Contextual keywords such as <c>partial</c> or
    /// <c>await</c> are escaped as well.
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
