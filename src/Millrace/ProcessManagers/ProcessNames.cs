using System.Text;

namespace Millrace.ProcessManagers;

/// <summary>The names under which processes are stored.</summary>
internal static class ProcessNames
{
    public static string CollectionOf(string process) => "process-" + process;

    public static StreamId StreamOf(string process, string id) => new($"process-{process}-{id}");

    /// <summary>Converts a type name: <c>OrderShipped</c> becomes <c>order-shipped</c>.</summary>
    public static string Dashed(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && !char.IsUpper(name[i - 1]))
                text.Append('-');
            if (char.IsAsciiLetterOrDigit(name[i]))
                text.Append(char.ToLowerInvariant(name[i]));
        }
        return text.ToString();
    }
}
