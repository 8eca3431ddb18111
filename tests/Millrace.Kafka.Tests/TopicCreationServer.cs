using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Millrace.Kafka.Tests;

/// <summary>
/// Just enough of a broker to make topics, which librdkafka's does not: it tells its versions, its topics, and makes
/// those that it is asked for, by the published protocol (ApiVersions 0, Metadata 1, CreateTopics 4).
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

    /// <summary>What was made: the name, the partitions and the copies.</summary>
    public ConcurrentDictionary<string, (int Partitions, short Copies)> Made { get; } = new();

    /// <summary>What those that were made were set to.</summary>
    public ConcurrentDictionary<string, IReadOnlyList<string>> Settings { get; } = new();

    /// <summary>Topics that it answers for with an error, by its number in the protocol.</summary>
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
        using var line = client;
        var stream = client.GetStream();
        var length = new byte[4];
        while (await stream.ReadAtLeastAsync(length, 4, throwOnEndOfStream: false, _ending.Token) == 4)
        {
            var request = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
            await stream.ReadExactlyAsync(request, _ending.Token);
            var answer = new MemoryStream();
            Write(answer, 4, 0); // The length, set below.
            Write(answer, 4, BinaryPrimitives.ReadInt32BigEndian(request.AsSpan(4))); // The same correlation.
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
                Write(answer, 2, version == 0 ? 0 : UnsupportedVersion); // The client then asks by version 0.
                Write(answer, 4, 3);
                foreach (var (api, most) in new[] { (Metadata, 1), (ApiVersions, 0), (CreateTopics, 4) })
                {
                    Write(answer, 2, api);
                    Write(answer, 2, most); // Nothing older.
                    Write(answer, 2, most);
                }
                break;
            case Metadata:
                WriteTopics(answer);
                break;
            case CreateTopics:
                MakeTopics(answer, request);
                break;
        }
    }

    private void WriteTopics(MemoryStream answer)
    {
        Write(answer, 4, 1); // One broker: this.
        Write(answer, 4, 1);
        Write(answer, "127.0.0.1");
        Write(answer, 4, Port);
        Write(answer, 2, -1); // In no rack.
        Write(answer, 4, 1); // It is the controller.
        Write(answer, 4, Made.Count);
        foreach (var (name, made) in Made)
        {
            Write(answer, 2, 0);
            Write(answer, name);
            answer.WriteByte(0); // Of the application.
            Write(answer, 4, Math.Max(1, made.Partitions)); // The client refuses a topic without partitions.
            for (var partition = 0; partition < Math.Max(1, made.Partitions); partition++)
                WritePartition(answer, partition);
        }
    }

    private static void WritePartition(MemoryStream answer, int partition)
    {
        Write(answer, 2, 0);
        Write(answer, 4, partition);
        Write(answer, 4, 1); // The one broker leads it,
        Write(answer, 4, 1);
        Write(answer, 4, 1); // has the one copy,
        Write(answer, 4, 1);
        Write(answer, 4, 1); // and is in sync.
    }

    private void MakeTopics(MemoryStream answer, byte[] request)
    {
        var place = 8;
        place += 2 + BinaryPrimitives.ReadInt16BigEndian(request.AsSpan(place)); // The client's name.
        var count = Read(4);
        Write(answer, 4, 0); // Not slowed down.
        Write(answer, 4, count);
        for (var i = 0; i < count; i++)
        {
            var name = Text();
            var (partitions, copies) = (Read(4), (short)Read(2));
            Assert.Equal(0, Read(4)); // No places of copies.
            var settings = new List<string>();
            for (var left = Read(4); left > 0; left--)
                settings.Add($"{Text()} = {Text()}");
            var error = Refused.GetValueOrDefault(name);
            if (error == 0)
                (Made[name], Settings[name]) = ((partitions, copies), settings);
            Write(answer, name);
            Write(answer, 2, error);
            Write(answer, error == 0 ? null : "Not here.");
        }

        string Text()
        {
            var bytes = Read(2);
            var text = Encoding.UTF8.GetString(request, place, bytes);
            place += bytes;
            return text;
        }

        int Read(int size)
        {
            var value =
                size == 2
                    ? BinaryPrimitives.ReadInt16BigEndian(request.AsSpan(place))
                    : BinaryPrimitives.ReadInt32BigEndian(request.AsSpan(place));
            place += size;
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
