using System.Diagnostics;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Millrace.Kafka.Native;

/// <summary>What publishing calls of librdkafka, in the library that Confluent's client has loaded.</summary>
internal static unsafe class Librdkafka
{
    /// <summary>What an error text has room for.</summary>
    public const int ErrorBytes = 512;

    private const string Own = "librdkafka";

    // As the package librdkafka.redist calls the library for systems that need one of their own.
    private static readonly string[] Names = [Own, "centos8-librdkafka", "centos7-librdkafka", "centos6-librdkafka", "alpine-librdkafka"];

    private static readonly nint Loaded = Find();

    public static readonly delegate* unmanaged[Cdecl]<nint> NewConf = (delegate* unmanaged[Cdecl]<nint>)Get("rd_kafka_conf_new");

    public static readonly delegate* unmanaged[Cdecl]<nint, void> DestroyConf =
        (delegate* unmanaged[Cdecl]<nint, void>)Get("rd_kafka_conf_destroy");

    /// <summary>Of a configuration: name, value, and where an error is told, with its size. 0 when the setting is taken.</summary>
    public static readonly delegate* unmanaged[Cdecl]<nint, byte*, byte*, byte*, nuint, int> Set =
        (delegate* unmanaged[Cdecl]<nint, byte*, byte*, byte*, nuint, int>)Get("rd_kafka_conf_set");

    public static readonly delegate* unmanaged[Cdecl]<nint, nint, void> SetOpaque =
        (delegate* unmanaged[Cdecl]<nint, nint, void>)Get("rd_kafka_conf_set_opaque");

    public static readonly delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<nint, NativeReport*, nint, void>, void> OnReport =
        (delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<nint, NativeReport*, nint, void>, void>)
        Get("rd_kafka_conf_set_dr_msg_cb");

    public static readonly delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<nint, int, nint, nint, void>, void> OnError =
        (delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<nint, int, nint, nint, void>, void>)
        Get("rd_kafka_conf_set_error_cb");

    public static readonly delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<nint, int, nint, nint, void>, void> OnLog =
        (delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<nint, int, nint, nint, void>, void>)Get("rd_kafka_conf_set_log_cb");

    /// <summary>Makes a client and takes its configuration over; 0 when it does not, and an error is told.</summary>
    public static readonly delegate* unmanaged[Cdecl]<int, nint, byte*, nuint, nint> New =
        (delegate* unmanaged[Cdecl]<int, nint, byte*, nuint, nint>)Get("rd_kafka_new");

    public static readonly delegate* unmanaged[Cdecl]<nint, void> Destroy =
        (delegate* unmanaged[Cdecl]<nint, void>)Get("rd_kafka_destroy");

    public static readonly delegate* unmanaged[Cdecl]<nint, nint> OpaqueOf = (delegate* unmanaged[Cdecl]<nint, nint>)Get("rd_kafka_opaque");

    /// <summary>Calls what is to be called, and waits for it for so many milliseconds.</summary>
    public static readonly delegate* unmanaged[Cdecl]<nint, int, int> Poll =
        (delegate* unmanaged[Cdecl]<nint, int, int>)Get("rd_kafka_poll");

    /// <summary>Hands over a record, of which it makes a copy; 0 when it is taken, otherwise an error that is to be destroyed.</summary>
    public static readonly delegate* unmanaged[Cdecl]<nint, RecordPart*, nuint, nint> Produce =
        (delegate* unmanaged[Cdecl]<nint, RecordPart*, nuint, nint>)Get("rd_kafka_produceva");

    public static readonly delegate* unmanaged[Cdecl]<nint, int> CodeOf = (delegate* unmanaged[Cdecl]<nint, int>)Get("rd_kafka_error_code");

    public static readonly delegate* unmanaged[Cdecl]<nint, void> DestroyError =
        (delegate* unmanaged[Cdecl]<nint, void>)Get("rd_kafka_error_destroy");

    /// <summary>The error after which a client does nothing more, and its text.</summary>
    public static readonly delegate* unmanaged[Cdecl]<nint, byte*, nuint, int> FatalError =
        (delegate* unmanaged[Cdecl]<nint, byte*, nuint, int>)Get("rd_kafka_fatal_error");

    private static nint Get(string name) => NativeLibrary.GetExport(Loaded, name);

    /// <summary>The library that is there, wherever it was found; where no system tells what is loaded, one by its name.</summary>
    private static nint Find()
    {
        _ = Library.Version; // It is loaded, by the rules of Confluent's client and whoever gave it others.
        using var process = Process.GetCurrentProcess();
        foreach (ProcessModule module in process.Modules)
        {
            using (module)
            {
                if (module.ModuleName.Contains(Own, StringComparison.Ordinal) && NativeLibrary.TryLoad(module.FileName, out var loaded)
                    && IsWhole(loaded))
                    return loaded;
            }
        }
        foreach (var name in Names)
        {
            if (NativeLibrary.TryLoad(name, typeof(Library).Assembly, null, out var loaded) && IsWhole(loaded))
                return loaded;
        }
        throw new DllNotFoundException("librdkafka 1.6 or later is not there.");
    }

    private static bool IsWhole(nint library) => NativeLibrary.TryGetExport(library, "rd_kafka_produceva", out _);
}
