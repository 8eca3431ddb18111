using System.Text;
using Microsoft.CodeAnalysis.CSharp;

namespace Millrace.Generators;

/// <summary>Names as they are written outside C#.</summary>
internal static class Casing
{
    /// <summary>As System.Text.Json's camel case: <c>OrderId</c> is <c>orderId</c>, <c>URLPath</c> is <c>urlPath</c>.</summary>
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

    /// <summary>A local variable's name for a member: camel case, escaped where it is a keyword.</summary>
    public static string Local(string name) => Escaped(Camel(name));

    /// <summary>A name as it is written in C#, where it may be a keyword.</summary>
    public static string Escaped(string name) => SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : "@" + name;
}
