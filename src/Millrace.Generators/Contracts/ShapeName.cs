using System.Text;

namespace Millrace.Generators.Contracts;

/// <summary>Reads and writes names in the text of a shape. A backslash escapes a special character.</summary>
internal static class ShapeName
{
    /// <summary>The special characters in the text of a shape.</summary>
    public const string Marks = "[]<>{}()|,:?";

    /// <summary>Returns the escaped name.</summary>
    public static string Escape(string name, string marks = Marks)
    {
        if (name.All(character => character != '\\' && marks.IndexOf(character) < 0))
            return name;
        var text = new StringBuilder();
        foreach (var character in name)
        {
            if (character == '\\' || marks.IndexOf(character) >= 0)
                text.Append('\\');
            text.Append(character);
        }
        return text.ToString();
    }

    /// <summary>Returns the name of an event's member as it is written in the contract file.</summary>
    public static string OfMember(string name, bool isOptional) => Escape(name, "?") + (isOptional ? "?" : "");

    /// <summary>Parses the name of an event's member from the contract file.</summary>
    public static (string Name, bool IsOptional) Parse(string member)
    {
        var position = 0;
        var name = Read(member, ref position, "?");
        return (name, position < member.Length);
    }

    /// <summary>Reads a name up to a special character.</summary>
    public static string Read(string text, ref int position, string marks = Marks)
    {
        var name = new StringBuilder();
        while (position < text.Length && marks.IndexOf(text[position]) < 0)
        {
            if (text[position] == '\\' && position + 1 < text.Length)
                position++;
            name.Append(text[position++]);
        }
        return name.ToString();
    }
}
