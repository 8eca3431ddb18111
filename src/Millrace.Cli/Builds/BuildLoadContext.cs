using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Millrace.Cli.Builds;

/// <summary>
/// Loads the assemblies of an application. If the tool also uses an assembly, the tool provides it, so that the tool
/// can use the application's model. All other assemblies are loaded from the application.
/// </summary>
internal sealed class BuildLoadContext : AssemblyLoadContext
{
    /// <summary>The name of the core assembly, which every model refers to.</summary>
    public const string Core = "Millrace";

    private readonly string _file;
    private readonly AssemblyDependencyResolver _resolver;

    public BuildLoadContext(string file)
        : base($"build {file}")
    {
        _file = file;
        try
        {
            _resolver = new AssemblyDependencyResolver(file);
        }
        catch (InvalidOperationException exception)
        {
            throw Unusable(exception);
        }
    }

    /// <summary>Loads the application's main assembly.</summary>
    /// <exception cref="CliException">The file is not a .NET assembly for this platform.</exception>
    public Assembly LoadEntry()
    {
        try
        {
            return LoadFromAssemblyPath(_file);
        }
        catch (Exception exception) when (exception is BadImageFormatException or FileLoadException)
        {
            throw Unusable(exception);
        }
    }

    /// <summary>
    /// Loads an assembly of the application. Returns null for an assembly that the tool or .NET provides.
    /// </summary>
    public Assembly? TryLoadApplicationAssembly(AssemblyName name) =>
        !IsShared(name) && FileOf(name) is { } file && IsApplicationFile(file) ? LoadFromAssemblyPath(file) : null;

    /// <summary>Rejects an assembly that was built with an incompatible version of Millrace.</summary>
    /// <exception cref="CliException">The versions are incompatible.</exception>
    public static void RequireSameVersion(Assembly assembly, AssemblyName core)
    {
        var toolVersion = typeof(IModel).Assembly.GetName().Version!; // Every Millrace assembly has a version.
        if (core.Version is not { } used || (used.Major, used.Minor) == (toolVersion.Major, toolVersion.Minor))
            return;
        throw new CliException(
            ExitCode.Failed,
            $"'{assembly.GetName().Name}' was built with Millrace {used.ToString(3)}, but this tool has version "
                + $"{toolVersion.ToString(3)}.",
            $"Use the tool of the same version: dotnet tool install Millrace.Cli --version {used.ToString(3)}.");
    }

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (IsShared(assemblyName))
            return null; // The tool provides the assembly.
        return FileOf(assemblyName) is { } file ? LoadFromAssemblyPath(file) : null;
    }

    protected override IntPtr LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } file
            ? LoadUnmanagedDllFromPath(file)
            : IntPtr.Zero;

    /// <summary>
    /// Returns true if the tool has loaded the assembly or can load it, in the requested version or a later one.
    /// </summary>
    private static bool IsShared(AssemblyName name)
    {
        if (name.Name == Core)
            return true;
        try
        {
            var toolAssembly = Default.LoadFromAssemblyName(new AssemblyName(name.Name!));
            return name.Version is null || toolAssembly.GetName().Version >= name.Version;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private string? FileOf(AssemblyName name) =>
        _resolver.ResolveAssemblyToPath(name) ?? FindInFolder(name) ?? SharedFrameworks.Find(name);

    private string? FindInFolder(AssemblyName name)
    {
        // The path of a loaded file always has a folder.
        var file = Path.Combine(Path.GetDirectoryName(_file)!, name.Name + ".dll");
        return File.Exists(file) ? file : null;
    }

    private static bool IsApplicationFile(string file) =>
        !file.StartsWith(RuntimeEnvironment.GetRuntimeDirectory(), StringComparison.Ordinal)
        && !SharedFrameworks.Contains(file);

    private CliException Unusable(Exception exception) => new(
        ExitCode.Failed,
        $"'{_file}' cannot be loaded: {exception.Message}",
        "Specify a .NET assembly for this platform, as 'dotnet build' creates it.");
}
