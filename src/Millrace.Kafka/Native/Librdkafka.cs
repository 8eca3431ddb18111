using System.Diagnostics;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Millrace.Kafka.Native;

/// <summary>What publishing and receiving call of librdkafka, in the library that Confluent's client has
/// loaded.</summary>
internal static unsafe class Librdkafka
{
    /// <summary>What an error text has room for.</summary>
    public const int ErrorBytes = 512;

    private const string Own = "librdkafka";

    // As the package librdkafka.redist calls the library for systems that need one of their own.
    private static readonly string[] Names =
    [
        Own,
        "centos8-librdkafka",
        "centos7-librdkafka",
        "centos6-librdkafka",
        "alpine-librdkafka",
    ];

    private static readonly nint Loaded = Find();

    public static readonly delegate* unmanaged[Cdecl]<nint> NewConf = (delegate* unmanaged[Cdecl]<nint>)Get(
        "rd_kafka_conf_new");

    public static readonly delegate* unmanaged[Cdecl]<nint, void> DestroyConf =
        (delegate* unmanaged[Cdecl]<nint, void>)Get("rd_kafka_conf_destroy");

    /// <summary>Of a configuration: name, value, and where an error is told, with its size. 0 when the setting is
    /// taken.</summary>
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

    /// <summary>Makes a client and takes its configuration over; 0 when it does not, and an error is told.</summary>
    public static readonly delegate* unmanaged[Cdecl]<int, nint, byte*, nuint, nint> New =
        (delegate* unmanaged[Cdecl]<int, nint, byte*, nuint, nint>)Get("rd_kafka_new");

    public static readonly delegate* unmanaged[Cdecl]<nint, void> Destroy =
        (delegate* unmanaged[Cdecl]<nint, void>)Get("rd_kafka_destroy");

    public static readonly delegate* unmanaged[Cdecl]<nint, nint> OpaqueOf = (delegate* unmanaged[Cdecl]<
        nint,
        nint>)Get("rd_kafka_opaque");

    /// <summary>Calls what is to be called, and waits for it for so many milliseconds.</summary>
    public static readonly delegate* unmanaged[Cdecl]<nint, int, int> Poll =
        (delegate* unmanaged[Cdecl]<nint, int, int>)Get("rd_kafka_poll");

    /// <summary>Takes the next record, and waits for it for so many milliseconds; calls what is to be called. 0 when
    /// none came.</summary>
    public static readonly delegate* unmanaged[Cdecl]<nint, int, NativeMessage*> ConsumerPoll =
        (delegate* unmanaged[Cdecl]<nint, int, NativeMessage*>)Get("rd_kafka_consumer_poll");

    /// <summary>The queue that <see cref="ConsumerPoll"/> waits at; to be destroyed before the client is
    /// closed.</summary>
    public static readonly delegate* unmanaged[Cdecl]<nint, nint> ConsumerQueueOf =
        (delegate* unmanaged[Cdecl]<nint, nint>)Get("rd_kafka_queue_get_consumer");

    /// <summary>The queue that <see cref="Poll"/> waits at; to be destroyed before the client is closed.</summary>
    public static readonly delegate* unmanaged[Cdecl]<nint, nint> MainQueueOf =
        (delegate* unmanaged[Cdecl]<nint, nint>)Get("rd_kafka_queue_get_main");

    /// <summary>Ends the wait at a queue that is under way, or else the next one.</summary>
    public static readonly delegate* unmanaged[Cdecl]<nint, void> Yield =
        (delegate* unmanaged[Cdecl]<nint, void>)Get("rd_kafka_queue_yield");

    public static readonly delegate* unmanaged[Cdecl]<nint, void> DestroyQueue =
        (delegate* unmanaged[Cdecl]<nint, void>)Get("rd_kafka_queue_destroy");

    public static readonly delegate* unmanaged[Cdecl]<NativeMessage*, void> DestroyMessage =
        (delegate* unmanaged[Cdecl]<NativeMessage*, void>)Get("rd_kafka_message_destroy");

    /// <summary>Finds the headers of a record, which are its own; not 0 when it has none.</summary>
    public static readonly delegate* unmanaged[Cdecl]<NativeMessage*, nint*, int> HeadersOf =
        (delegate* unmanaged[Cdecl]<NativeMessage*, nint*, int>)Get("rd_kafka_message_headers");

    /// <summary>The name, the value and its size of the header with a number, from 0; not 0 when there are no
    /// more.</summary>
    public static readonly delegate* unmanaged[Cdecl]<nint, nuint, byte**, byte**, nuint*, int> GetHeader =
        (delegate* unmanaged[Cdecl]<nint, nuint, byte**, byte**, nuint*, int>)Get("rd_kafka_header_get_all");

    /// <summary>Hands over a record, of which it makes a copy; 0 when it is taken, otherwise an error that is to be
    /// destroyed.</summary>
    public static readonly delegate* unmanaged[Cdecl]<nint, RecordPart*, nuint, nint> Produce =
        (delegate* unmanaged[Cdecl]<nint, RecordPart*, nuint, nint>)Get("rd_kafka_produceva");

    public static readonly delegate* unmanaged[Cdecl]<nint, int> CodeOf = (delegate* unmanaged[Cdecl]<nint, int>)Get(
        "rd_kafka_error_code");

    public static readonly delegate* unmanaged[Cdecl]<nint, void> DestroyError =
        (delegate* unmanaged[Cdecl]<nint, void>)Get("rd_kafka_error_destroy");

    private static readonly delegate* unmanaged[Cdecl]<nint, byte*, nuint, int> FatalError =
        (delegate* unmanaged[Cdecl]<nint, byte*, nuint, int>)Get("rd_kafka_fatal_error");

    /// <summary>The error after which a client does nothing more; null as long as there is none.</summary>
    public static Error? FindFatal(nint client)
    {
        var text = stackalloc byte[ErrorBytes];
        var cause = (ErrorCode)FatalError(client, text, ErrorBytes);
        return cause == ErrorCode.NoError ? null : new Error(cause, TextOf((nint)text), isFatal: true);
    }

    /// <summary>The text that a zero ends; empty where there is none.</summary>
    public static string TextOf(nint text) => Marshal.PtrToStringUTF8(text) ?? "";

    private static nint Get(string name) => NativeLibrary.GetExport(Loaded, name);

    /// <summary>
    /// The library that is there, wherever it was found; where no system tells what is loaded, one by its name. It must
    /// be the very one: what Confluent's client has made is asked for records by it.
    /// </summary>
    /// <exception cref="DllNotFoundException">It is not found, or there are several of them.</exception>
    private static nint Find()
    {
        var version = Library.Version; // It is loaded, by the rules of Confluent's client and whoever gave it others.
        if (FindLoaded(version) is { } one)
            return one;
        foreach (var name in Names)
        {
            if (NativeLibrary.TryLoad(name, typeof(Library).Assembly, null, out var loaded) && Is(loaded, version))
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
                if (!module.ModuleName.Contains(Own, StringComparison.Ordinal)
                    || !NativeLibrary.TryLoad(module.FileName, out var loaded)
                    || !Is(loaded, version))
                    continue;
                if (found is { } other && other != loaded)
                    throw new DllNotFoundException($"several libraries of version {Library.VersionString} are loaded");
                found = loaded;
            }
        }
        return found;
    }

    private static bool Is(nint library, int version) =>
        NativeLibrary.TryGetExport(library, "rd_kafka_produceva", out _)
        && NativeLibrary.TryGetExport(library, "rd_kafka_version", out var number)
        && ((delegate* unmanaged[Cdecl]<int>)number)() == version;
}
