using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Millrace.Kafka.Tests;

/// <summary>
/// A minimal broker that creates topics on request, which librdkafka's mock broker does not support. It implements
/// three requests of Kafka's protocol: ApiVersions 0, Metadata 1 and CreateTopics 4.
/// </summary>
internal sealed class TopicCreationServer : IAsyncDisposable
{
    private const short Metadata = 3;
    private const short ApiVersions = 18;
    private const short CreateTopics = 19;
    private const short UnsupportedVersion = 35;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _serving;

    private TopicCreationServer()
    {
        _listener.Start();
        _serving = Serve();
    }

    public string Address => $"127.0.0.1:{Port}";

    /// <summary>Gets the created topics by name, with the numbers of partitions and copies.</summary>
    public ConcurrentDictionary<string, (int Partitions, short Copies)> Created { get; } = new();

    /// <summary>Gets the settings of the created topics by name.</summary>
    public ConcurrentDictionary<string, IReadOnlyList<string>> Settings { get; } = new();

    /// <summary>Gets the topics for which the server returns an error, with the error code of the protocol.</summary>
    public ConcurrentDictionary<string, short> Refused { get; } = new();

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public static TopicCreationServer Start() => new();

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Stop();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
    }

    private async Task Serve()
    {
        while (!_ending.IsCancellationRequested)
            _ = Answer(await _listener.AcceptTcpClientAsync(_ending.Token));
    }

    private async Task Answer(TcpClient client)
    {
        using var connection = client;
        var stream = client.GetStream();
        var length = new byte[4];
        while (await stream.ReadAtLeastAsync(length, 4, throwOnEndOfStream: false, _ending.Token) == 4)
        {
            var request = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
            await stream.ReadExactlyAsync(request, _ending.Token);
            var answer = new MemoryStream();
            Write(answer, 4, 0); // The length, set below.
            Write(answer, 4, BinaryPrimitives.ReadInt32BigEndian(request.AsSpan(4))); // The correlation id.
            Fill(answer, request);
            var bytes = answer.ToArray();
            BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length - 4);
            await stream.WriteAsync(bytes, _ending.Token);
        }
    }

    private void Fill(MemoryStream answer, byte[] request)
    {
        var version = BinaryPrimitives.ReadInt16BigEndian(request.AsSpan(2));
        switch (BinaryPrimitives.ReadInt16BigEndian(request))
        {
            case ApiVersions:
                // For other versions, the client repeats the request with version 0.
                Write(answer, 2, version == 0 ? 0 : UnsupportedVersion);
                Write(answer, 4, 3);
                foreach (var (api, maxVersion) in new[] { (Metadata, 1), (ApiVersions, 0), (CreateTopics, 4) })
                {
                    Write(answer, 2, api);
                    Write(answer, 2, maxVersion); // The lowest supported version.
                    Write(answer, 2, maxVersion);
                }
                break;
            case Metadata:
                WriteTopics(answer);
                break;
            case CreateTopics:
                AddTopics(answer, request);
                break;
        }
    }

    private void WriteTopics(MemoryStream answer)
    {
        Write(answer, 4, 1); // The number of brokers. This server is the only one.
        Write(answer, 4, 1);
        Write(answer, "127.0.0.1");
        Write(answer, 4, Port);
        Write(answer, 2, -1); // No rack.
        Write(answer, 4, 1); // The id of the controller.
        Write(answer, 4, Created.Count);
        foreach (var (name, topic) in Created)
        {
            Write(answer, 2, 0);
            Write(answer, name);
            answer.WriteByte(0); // Not an internal topic.
            Write(answer, 4, Math.Max(1, topic.Partitions)); // The client refuses a topic without partitions.
            for (var partition = 0; partition < Math.Max(1, topic.Partitions); partition++)
                WritePartition(answer, partition);
        }
    }

    private static void WritePartition(MemoryStream answer, int partition)
    {
        Write(answer, 2, 0);
        Write(answer, 4, partition);
        Write(answer, 4, 1); // The leader.
        Write(answer, 4, 1);
        Write(answer, 4, 1); // The only replica.
        Write(answer, 4, 1);
        Write(answer, 4, 1); // The only in-sync replica.
    }

    private void AddTopics(MemoryStream answer, byte[] request)
    {
        var offset = 8;
        offset += 2 + BinaryPrimitives.ReadInt16BigEndian(request.AsSpan(offset)); // The client id.
        var count = Read(4);
        Write(answer, 4, 0); // No throttling.
        Write(answer, 4, count);
        for (var i = 0; i < count; i++)
        {
            var name = Text();
            var (partitions, copies) = (Read(4), (short)Read(2));
            Assert.Equal(0, Read(4)); // No explicit assignments of replicas.
            var settings = new List<string>();
            for (var remaining = Read(4); remaining > 0; remaining--)
                settings.Add($"{Text()} = {Text()}");
            var error = Refused.GetValueOrDefault(name);
            if (error == 0)
                (Created[name], Settings[name]) = ((partitions, copies), settings);
            Write(answer, name);
            Write(answer, 2, error);
            Write(answer, error == 0 ? null : "Not here.");
        }

        string Text()
        {
            var bytes = Read(2);
            var text = Encoding.UTF8.GetString(request, offset, bytes);
            offset += bytes;
            return text;
        }

        int Read(int size)
        {
            var value =
                size == 2
                    ? BinaryPrimitives.ReadInt16BigEndian(request.AsSpan(offset))
                    : BinaryPrimitives.ReadInt32BigEndian(request.AsSpan(offset));
            offset += size;
            return value;
        }
    }

    private static void Write(MemoryStream answer, int size, int value)
    {
        for (var shift = (size - 1) * 8; shift >= 0; shift -= 8)
            answer.WriteByte((byte)(value >> shift));
    }

    private static void Write(MemoryStream answer, string? text)
    {
        Write(answer, 2, text is null ? -1 : Encoding.UTF8.GetByteCount(text));
        answer.Write(Encoding.UTF8.GetBytes(text ?? ""));
    }
}
