using System.Diagnostics;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Millrace.Kafka.Native;

/// <summary>
/// The functions of librdkafka for publishing and receiving. They are in the same library that Confluent's client has
/// loaded.
/// </summary>
internal static unsafe class Librdkafka
{
    /// <summary>The size of the buffer for error texts.</summary>
    public const int ErrorBytes = 512;

    private const string LibraryName = "librdkafka";

    // The names of the library in the package librdkafka.redist, for systems with a specific build.
    private static readonly string[] FileNames =
    [
        LibraryName,
        "centos8-librdkafka",
        "centos7-librdkafka",
        "centos6-librdkafka",
        "alpine-librdkafka",
    ];

    private static readonly nint LoadedLibrary = Find();

    public static readonly delegate* unmanaged[Cdecl]<nint> NewConf = (delegate* unmanaged[Cdecl]<nint>)Get(
        "rd_kafka_conf_new");

    public static readonly delegate* unmanaged[Cdecl]<nint, void> DestroyConf =
        (delegate* unmanaged[Cdecl]<nint, void>)Get("rd_kafka_conf_destroy");

    /// <summary>Sets a configuration value: name, value, error buffer and its size. Returns 0 on success.</summary>
    public static readonly delegate* unmanaged[Cdecl]<nint, byte*, byte*, byte*, nuint, int> Set =
        (delegate* unmanaged[Cdecl]<nint, byte*, byte*, byte*, nuint, int>)Get("rd_kafka_conf_set");

    public static readonly delegate* unmanaged[Cdecl]<nint, nint, void> SetOpaque =
        (delegate* unmanaged[Cdecl]<nint, nint, void>)Get("rd_kafka_conf_set_opaque");

    public static readonly delegate* unmanaged[Cdecl]<
        nint,
        delegate* unmanaged[Cdecl]<nint, NativeMessage*, nint, void>,
        void> OnReport = (delegate* unmanaged[Cdecl]<
        nint,
        delegate* unmanaged[Cdecl]<nint, NativeMessage*, nint, void>,
        void>)Get("rd_kafka_conf_set_dr_msg_cb");

    public static readonly delegate* unmanaged[Cdecl]<
        nint,
        delegate* unmanaged[Cdecl]<nint, int, nint, nint, void>,
        void> OnError = (delegate* unmanaged[Cdecl]<
        nint,
        delegate* unmanaged[Cdecl]<nint, int, nint, nint, void>,
        void>)Get("rd_kafka_conf_set_error_cb");

    public static readonly delegate* unmanaged[Cdecl]<
        nint,
        delegate* unmanaged[Cdecl]<nint, int, nint, nint, void>,
        void> OnLog = (delegate* unmanaged[Cdecl]<
        nint,
        delegate* unmanaged[Cdecl]<nint, int, nint, nint, void>,
        void>)Get("rd_kafka_conf_set_log_cb");

    /// <summary>
    /// Creates a client, which becomes the owner of the configuration. On failure, returns 0 and writes an error text.
    /// </summary>
    public static readonly delegate* unmanaged[Cdecl]<int, nint, byte*, nuint, nint> New =
        (delegate* unmanaged[Cdecl]<int, nint, byte*, nuint, nint>)Get("rd_kafka_new");

    public static readonly delegate* unmanaged[Cdecl]<nint, void> Destroy =
        (delegate* unmanaged[Cdecl]<nint, void>)Get("rd_kafka_destroy");

    public static readonly delegate* unmanaged[Cdecl]<nint, nint> OpaqueOf = (delegate* unmanaged[Cdecl]<
        nint,
        nint>)Get("rd_kafka_opaque");

    /// <summary>Runs pending callbacks. If there are none, waits for up to a number of milliseconds.</summary>
    public static readonly delegate* unmanaged[Cdecl]<nint, int, int> Poll =
        (delegate* unmanaged[Cdecl]<nint, int, int>)Get("rd_kafka_poll");

    /// <summary>
    /// Takes the next record, and runs pending callbacks. Waits for up to a number of milliseconds, and returns 0 if no
    /// record arrives.
    /// </summary>
    public static readonly delegate* unmanaged[Cdecl]<nint, int, NativeMessage*> ConsumerPoll =
        (delegate* unmanaged[Cdecl]<nint, int, NativeMessage*>)Get("rd_kafka_consumer_poll");

    /// <summary>
    /// Returns the queue at which <see cref="ConsumerPoll"/> waits; it must be destroyed before the client is closed.
    /// </summary>
    public static readonly delegate* unmanaged[Cdecl]<nint, nint> ConsumerQueueOf =
        (delegate* unmanaged[Cdecl]<nint, nint>)Get("rd_kafka_queue_get_consumer");

    /// <summary>
    /// Returns the queue at which <see cref="Poll"/> waits; it must be destroyed before the client is closed.
    /// </summary>
    public static readonly delegate* unmanaged[Cdecl]<nint, nint> MainQueueOf =
        (delegate* unmanaged[Cdecl]<nint, nint>)Get("rd_kafka_queue_get_main");

    /// <summary>Ends the current wait at a queue. If no caller waits, the next wait ends immediately.</summary>
    public static readonly delegate* unmanaged[Cdecl]<nint, void> Yield =
        (delegate* unmanaged[Cdecl]<nint, void>)Get("rd_kafka_queue_yield");

    public static readonly delegate* unmanaged[Cdecl]<nint, void> DestroyQueue =
        (delegate* unmanaged[Cdecl]<nint, void>)Get("rd_kafka_queue_destroy");

    public static readonly delegate* unmanaged[Cdecl]<NativeMessage*, void> DestroyMessage =
        (delegate* unmanaged[Cdecl]<NativeMessage*, void>)Get("rd_kafka_message_destroy");

    /// <summary>
    /// Gets the headers of a record. The record owns them. Returns 0 on success, or another number if there are no
    /// headers.
    /// </summary>
    public static readonly delegate* unmanaged[Cdecl]<NativeMessage*, nint*, int> HeadersOf =
        (delegate* unmanaged[Cdecl]<NativeMessage*, nint*, int>)Get("rd_kafka_message_headers");

    /// <summary>
    /// Gets the name, the value and the size of the value of the header at an index, from 0. Returns 0 on success, or
    /// another number if there is no such header.
    /// </summary>
    public static readonly delegate* unmanaged[Cdecl]<nint, nuint, byte**, byte**, nuint*, int> GetHeader =
        (delegate* unmanaged[Cdecl]<nint, nuint, byte**, byte**, nuint*, int>)Get("rd_kafka_header_get_all");

    /// <summary>
    /// Sends a copy of a record. Returns 0 on success, otherwise an error that the caller must destroy.
    /// </summary>
    public static readonly delegate* unmanaged[Cdecl]<nint, RecordPart*, nuint, nint> Produce =
        (delegate* unmanaged[Cdecl]<nint, RecordPart*, nuint, nint>)Get("rd_kafka_produceva");

    public static readonly delegate* unmanaged[Cdecl]<nint, int> CodeOf = (delegate* unmanaged[Cdecl]<nint, int>)Get(
        "rd_kafka_error_code");

    public static readonly delegate* unmanaged[Cdecl]<nint, void> DestroyError =
        (delegate* unmanaged[Cdecl]<nint, void>)Get("rd_kafka_error_destroy");

    private static readonly delegate* unmanaged[Cdecl]<nint, byte*, nuint, int> FatalError =
        (delegate* unmanaged[Cdecl]<nint, byte*, nuint, int>)Get("rd_kafka_fatal_error");

    /// <summary>Returns the fatal error of a client; null if there is none.</summary>
    public static Error? FindFatal(nint client)
    {
        var text = stackalloc byte[ErrorBytes];
        var cause = (ErrorCode)FatalError(client, text, ErrorBytes);
        return cause == ErrorCode.NoError ? null : new Error(cause, TextOf((nint)text), isFatal: true);
    }

    /// <summary>Returns a zero-terminated text; empty for a null pointer.</summary>
    public static string TextOf(nint text) => Marshal.PtrToStringUTF8(text) ?? "";

    private static nint Get(string name) => NativeLibrary.GetExport(LoadedLibrary, name);

    /// <summary>
    /// Finds the library that Confluent's client has loaded. Searches the loaded libraries of the process, and then by
    /// name, for systems that cannot list loaded libraries. It must be the same library, because the functions are
    /// called with clients that Confluent's client created.
    /// </summary>
    /// <exception cref="DllNotFoundException">The library is not found, or there are several.</exception>
    private static nint Find()
    {
        var version = Library.Version; // This call loads the library, by the rules of Confluent or of the application.
        if (FindLoaded(version) is { } one)
            return one;
        foreach (var name in FileNames)
        {
            if (NativeLibrary.TryLoad(name, typeof(Library).Assembly, null, out var loaded)
                && HasVersion(loaded, version))
                return loaded;
        }
        throw new DllNotFoundException(
            $"the library that Confluent's client has loaded ({Library.VersionString}) is not found");
    }

    private static nint? FindLoaded(int version)
    {
        nint? found = null;
        using var process = Process.GetCurrentProcess();
        foreach (ProcessModule module in process.Modules)
        {
            using (module)
            {
                if (!module.ModuleName.Contains(LibraryName, StringComparison.Ordinal)
                    || !NativeLibrary.TryLoad(module.FileName, out var loaded)
                    || !HasVersion(loaded, version))
                    continue;
                if (found is { } other && other != loaded)
                    throw new DllNotFoundException($"several libraries of version {Library.VersionString} are loaded");
                found = loaded;
            }
        }
        return found;
    }

    private static bool HasVersion(nint library, int version) =>
        NativeLibrary.TryGetExport(library, "rd_kafka_produceva", out _)
        && NativeLibrary.TryGetExport(library, "rd_kafka_version", out var number)
        && ((delegate* unmanaged[Cdecl]<int>)number)() == version;
}
