using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Servers;

/// <summary>
/// A broker with Kafka's protocol over TCP, which librdkafka runs in this process. Other programs can connect to it.
/// The broker keeps messages and offsets in memory, even while a test has taken it down.
/// </summary>
/// <remarks>
/// The broker has the wire format of Kafka, with requests, answers and errors and their effect on a client. It does
/// not show the durability of Kafka, because it writes nothing to disk. It delivers messages of aborted transactions,
/// has no retention, and only waits instead of rebalancing a group. It creates a topic when a client requests it, and
/// does not support CreateTopics.
/// </remarks>
public sealed class KafkaServer : IDisposable
{
    private const int Producer = 0;
    private const int All = -1;

    private const string Library = "librdkafka"; // The package librdkafka.redist contains it.

    // The server uses the first library that the system can load, in the order of Confluent's client.
    private static readonly string[] Names = [Library, "centos8-librdkafka", "alpine-librdkafka"];

    private readonly IntPtr _handle;
    private readonly IntPtr _cluster;
    private Socket? _reserved; // While the broker is down.

    static KafkaServer() =>
        NativeLibrary.SetDllImportResolver(
            typeof(KafkaServer).Assembly,
            static (requested, assembly, path) =>
            {
                if (requested != Library)
                    return IntPtr.Zero;
                foreach (var name in Names)
                {
                    if (NativeLibrary.TryLoad(name, assembly, path, out var loaded))
                        return loaded;
                }
                return IntPtr.Zero; // The runtime then throws an exception that lists its attempts.
            }
        );

    /// <summary>Starts the broker.</summary>
    public KafkaServer()
    {
        var error = new byte[512];
        var conf = rd_kafka_conf_new();
        // Without a peer, the client would log a warning.
        _ = rd_kafka_conf_set(conf, "log_level", "0", error, error.Length);
        // Without this option, an answer waits for the acknowledgement of the previous one, which takes 40 ms if the
        // client sends nothing else. A Kafka broker sends each answer immediately.
        _ = rd_kafka_conf_set(conf, "socket.nagle.disable", "true", error, error.Length);
        _handle = rd_kafka_new(Producer, conf, error, error.Length);
        if (_handle == IntPtr.Zero)
            throw new InvalidOperationException(
                $"librdkafka did not create a handle: {Encoding.UTF8.GetString(error).TrimEnd('\0')}");
        _cluster = rd_kafka_mock_cluster_new(_handle, 1);
        if (_cluster == IntPtr.Zero)
            throw new InvalidOperationException("librdkafka did not create a cluster.");
        Address = Marshal.PtrToStringUTF8(rd_kafka_mock_cluster_bootstraps(_cluster))!;
    }

    /// <summary>Gets the host and the port of the broker.</summary>
    public string Address { get; }

    /// <summary>Creates a topic.</summary>
    public void Create(string topic, int partitions) =>
        Require(rd_kafka_mock_topic_create(_cluster, topic, partitions, 1));

    /// <summary>Closes all connections and refuses new connections.</summary>
    /// <remarks>
    /// The port stays reserved: if another program gets it meanwhile, librdkafka ends the process in
    /// <see cref="BringUp"/>. A socket that only has the address refuses connections.
    /// </remarks>
    public void TakeDown()
    {
        Require(rd_kafka_mock_broker_set_down(_cluster, All));
        _reserved ??= new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (!_reserved.IsBound)
            _reserved.Bind(IPEndPoint.Parse(Address)); // The runtime and librdkafka allow each other the address.
    }

    /// <summary>Accepts connections again. The broker has kept its data.</summary>
    public void BringUp()
    {
        Require(rd_kafka_mock_broker_set_up(_cluster, All));
        _reserved?.Dispose();
        _reserved = null;
    }

    /// <summary>
    /// Makes the next requests of a type fail with one error each. The type and the errors are numbers of Kafka's
    /// protocol.
    /// </summary>
    public void Fail(short request, params int[] errors) =>
        rd_kafka_mock_push_request_errors_array(_cluster, request, (nuint)errors.Length, errors);

    /// <summary>Delays each answer.</summary>
    public void AnswerAfter(TimeSpan delay) =>
        Require(rd_kafka_mock_broker_set_rtt(_cluster, All, (int)delay.TotalMilliseconds));

    /// <summary>Stops the broker and removes its data.</summary>
    public void Dispose()
    {
        _reserved?.Dispose();
        rd_kafka_mock_cluster_destroy(_cluster);
        rd_kafka_destroy(_handle);
    }

    private static void Require(int error)
    {
        if (error != 0)
            throw new InvalidOperationException($"librdkafka returned error {error}.");
    }

    // The names are those of the native library.
#pragma warning disable SYSLIB1054, CA2101, IDE1006 // Generated marshalling needs unsafe code; tests call it rarely.
    [DllImport(Library)]
    private static extern IntPtr rd_kafka_conf_new();

    [DllImport(Library)]
    private static extern int rd_kafka_conf_set(
        IntPtr conf,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string name,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string value,
        byte[] error,
        nint errorBytes);

    [DllImport(Library)]
    private static extern IntPtr rd_kafka_new(int type, IntPtr conf, byte[] error, nint errorBytes);

    [DllImport(Library)]
    private static extern void rd_kafka_destroy(IntPtr handle);

    [DllImport(Library)]
    private static extern IntPtr rd_kafka_mock_cluster_new(IntPtr handle, int brokers);

    [DllImport(Library)]
    private static extern void rd_kafka_mock_cluster_destroy(IntPtr cluster);

    [DllImport(Library)]
    private static extern IntPtr rd_kafka_mock_cluster_bootstraps(IntPtr cluster);

    [DllImport(Library)]
    private static extern int rd_kafka_mock_topic_create(
        IntPtr cluster, [MarshalAs(UnmanagedType.LPUTF8Str)] string topic, int partitions, int copies);

    [DllImport(Library)]
    private static extern int rd_kafka_mock_broker_set_down(IntPtr cluster, int broker);

    [DllImport(Library)]
    private static extern int rd_kafka_mock_broker_set_up(IntPtr cluster, int broker);

    [DllImport(Library)]
    private static extern int rd_kafka_mock_broker_set_rtt(IntPtr cluster, int broker, int milliseconds);

    [DllImport(Library)]
    private static extern void rd_kafka_mock_push_request_errors_array(
        IntPtr cluster, short request, nuint count, int[] errors);
#pragma warning restore SYSLIB1054, CA2101, IDE1006
}
