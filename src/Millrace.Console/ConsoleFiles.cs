using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Millrace.WebConsole;

/// <summary>The built files of the page, which the assembly contains.</summary>
internal sealed class ConsoleFiles
{
    private const string IndexName = "index.html";

    private readonly Dictionary<string, ConsoleFile> _files;

    private ConsoleFiles(Dictionary<string, ConsoleFile> files, string index) => (_files, Index) = (files, index);

    /// <summary>Gets the page with placeholders.</summary>
    public string Index { get; }

    public static ConsoleFiles Load()
    {
        var assembly = typeof(ConsoleFiles).Assembly;
        var files = new Dictionary<string, ConsoleFile>(StringComparer.Ordinal);
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            using var stream = assembly.GetManifestResourceStream(resource)!; // Not null: the assembly has the name.
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            files.Add(resource.Replace('\\', '/'), new ConsoleFile(resource, content));
        }
        return new ConsoleFiles(files, Encoding.UTF8.GetString(files[IndexName].Content("").Span));
    }

    public bool TryGet(string name, [NotNullWhen(true)] out ConsoleFile? file) => _files.TryGetValue(name, out file);
}
