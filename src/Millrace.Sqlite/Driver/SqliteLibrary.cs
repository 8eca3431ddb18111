using System.Reflection;
using System.Runtime.InteropServices;
using Millrace.Sqlite.Driver;
using SQLitePCL;

namespace Millrace.Sqlite;

/// <summary>Selects the SQLite library of the program: by default, the one in the package.</summary>
public static class SqliteLibrary
{
    private static readonly Lock Gate = new();
    private static string? _name;
    private static bool _isLoaded;

    /// <summary>Gets the version of the library in use, such as <c>3.53.3</c>.</summary>
    public static string Version
    {
        get
        {
            Load();
            return raw.sqlite3_libversion().utf8_to_string();
        }
    }

    /// <summary>Gets the version as a number: 3.53.3 is 3,053,003.</summary>
    internal static int VersionNumber
    {
        get
        {
            Load();
            return raw.sqlite3_libversion_number();
        }
    }

    /// <summary>Uses the system's library for the whole program instead. Call it before any store is opened.</summary>
    /// <remarks>
    /// The versions 3.7.0 to 3.51.2, except 3.44.6 and 3.50.7, have an error that can damage a file in write-ahead
    /// mode. A store that is opened with one of them logs a warning (13001), or is refused if
    /// <see cref="SqliteOptions.RefuseAffectedLibrary"/> is set.
    /// </remarks>
    /// <param name="name">The name or path of the library. <c>libsqlite3.so.0</c> is the name on Debian. It must be
    /// version 3.35 or later.</param>
    /// <exception cref="InvalidOperationException">A store was already opened, or another name was set
    /// before.</exception>
    public static void UseSystem(string name = "libsqlite3.so.0")
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        lock (Gate)
        {
            if (_name == name)
                return;
            if (_isLoaded || _name is not null)
                throw new InvalidOperationException(
                    "SQLite is already in use: select its library once, before a store is opened.");
            _name = name;
            NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
            NativeLibrary.SetDllImportResolver(typeof(SqliteLibrary).Assembly, Resolve);
        }
    }

    internal static void Load()
    {
        lock (Gate)
        {
            if (_isLoaded)
                return;
            Batteries_V2.Init();
            if (raw.GetNativeLibraryName() != NativeMethods.Library)
            {
                throw new InvalidOperationException(
                    $"The program has set SQLite's driver to '{raw.GetNativeLibraryName()}', but Millrace uses "
                        + "'e_sqlite3'."
                );
            }
            ShortSleep.Install();
            _isLoaded = true;
        }
    }

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? paths) =>
        library == NativeMethods.Library && _name is not null ? NativeLibrary.Load(_name) : 0;
}
