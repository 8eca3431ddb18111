using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Millrace.Cli.Builds;

/// <summary>
/// Loads an application's assemblies beside the tool's own. What both use is the tool's, so that the application's
/// model can be handed to it; everything else is the application's.
/// </summary>
internal sealed class BuildLoadContext : AssemblyLoadContext
{
    /// <summary>The assembly that models know.</summary>
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

    /// <summary>Loads the assembly itself.</summary>
    /// <exception cref="CliException">It is none that runs here.</exception>
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

    /// <summary>Loads an assembly of the application; null for one of the platform and for the core itself.</summary>
    public Assembly? TryLoadBeside(AssemblyName name) =>
        !IsShared(name) && FileOf(name) is { } file && IsApplicationFile(file) ? LoadFromAssemblyPath(file) : null;

    /// <summary>Refuses an assembly that was built with a Millrace that the tool does not understand.</summary>
    /// <exception cref="CliException">It was.</exception>
    public static void RequireSameVersion(Assembly assembly, AssemblyName core)
    {
        var own = typeof(IModel).Assembly.GetName().Version!; // Every assembly of ours has one.
        if (core.Version is not { } used || (used.Major, used.Minor) == (own.Major, own.Minor))
            return;
        throw new CliException(
            ExitCode.Failed,
            $"'{assembly.GetName().Name}' was built with Millrace {used.ToString(3)}, but this tool is of version "
                + $"{own.ToString(3)}.",
            $"Use the tool of the same version: dotnet tool install Millrace.Cli --version {used.ToString(3)}.");
    }

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (IsShared(assemblyName))
            return null; // The tool's own.
        return FileOf(assemblyName) is { } file ? LoadFromAssemblyPath(file) : null;
    }

    protected override IntPtr LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } file
            ? LoadUnmanagedDllFromPath(file)
            : IntPtr.Zero;

    /// <summary>What the tool has loaded or can load, in a version not older than asked for.</summary>
    private static bool IsShared(AssemblyName name)
    {
        if (name.Name == Core)
            return true;
        try
        {
            var own = Default.LoadFromAssemblyName(new AssemblyName(name.Name!));
            return name.Version is null || own.GetName().Version >= name.Version;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private string? FileOf(AssemblyName name) =>
        _resolver.ResolveAssemblyToPath(name) ?? FindBeside(name) ?? SharedFrameworks.Find(name);

    private string? FindBeside(AssemblyName name)
    {
        // A file that was loaded lies in a folder.
        var file = Path.Combine(Path.GetDirectoryName(_file)!, name.Name + ".dll");
        return File.Exists(file) ? file : null;
    }

    private static bool IsApplicationFile(string file) =>
        !file.StartsWith(RuntimeEnvironment.GetRuntimeDirectory(), StringComparison.Ordinal)
        && !SharedFrameworks.Holds(file);

    private CliException Unusable(Exception exception) => new(
        ExitCode.Failed,
        $"'{_file}' cannot be loaded: {exception.Message}",
        "Name a .NET assembly built for this platform, as 'dotnet build' leaves it.");
}
