using System.Reflection;
using System.Runtime.InteropServices;

namespace Millrace.Cli.Builds;

/// <summary>Finds the other shared frameworks of the installed .NET version, such as ASP.NET Core.</summary>
internal static class SharedFrameworks
{
    private static readonly Lazy<IReadOnlyList<string>> Folders = new(() => [.. Find()]);

    /// <summary>
    /// Returns the path of an assembly in one of the frameworks, or null when no framework contains the assembly.
    /// </summary>
    public static string? Find(AssemblyName name) =>
        Folders.Value.Select(folder => Path.Combine(folder, name.Name + ".dll")).FirstOrDefault(File.Exists);

    /// <summary>Returns true when a file is part of one of the frameworks.</summary>
    public static bool Contains(string file) =>
        Folders.Value.Any(folder => file.StartsWith(folder, StringComparison.Ordinal));

    private static IEnumerable<string> Find()
    {
        var runtime = new DirectoryInfo(RuntimeEnvironment.GetRuntimeDirectory());
        if (runtime.Parent?.Parent is not { Exists: true } shared)
            yield break;
        foreach (var framework in shared.GetDirectories().Where(found => found.Name != runtime.Parent.Name))
        {
            var newest = framework.GetDirectories()
                .Select(folder => (folder, IsVersion: Version.TryParse(folder.Name, out var version), version))
                .Where(found => found.IsVersion && found.version!.Major == Environment.Version.Major)
                .MaxBy(found => found.version);
            if (newest.folder is not null)
                yield return newest.folder.FullName;
        }
    }
}
