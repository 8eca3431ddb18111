using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Millrace.Benchmarks.Messaging;

/// <summary>
/// A hand-written connection to Redis. It sends several commands in one request and reads the answers in order.
/// </summary>
internal sealed class RawRedisConnection : IDisposable
{
    private readonly TcpClient _client = new() { NoDelay = true };
    private readonly ArrayBufferWriter<byte> _commands = new(1024 * 1024);
    private PipeReader _answers = PipeReader.Create(Stream.Null);

    public async Task Connect(int port)
    {
        await _client.ConnectAsync(IPAddress.Loopback, port);
        _answers = PipeReader.Create(_client.GetStream());
    }

    /// <summary>Adds a command to the next request.</summary>
    public void Add(params ReadOnlySpan<ReadOnlyMemory<byte>> words)
    {
        Write(string.Create(CultureInfo.InvariantCulture, $"*{words.Length}\r\n"));
        foreach (var word in words)
        {
            Write(string.Create(CultureInfo.InvariantCulture, $"${word.Length}\r\n"));
            _commands.Write(word.Span);
            Write("\r\n");
        }
    }

    public async Task Send()
    {
        await _client.GetStream().WriteAsync(_commands.WrittenMemory);
        _commands.ResetWrittenCount();
    }

    /// <summary>Reads the next answer. It is a text, a number as a text, a list of answers, or null.</summary>
    public async ValueTask<object?> Answer()
    {
        var line = await Line();
        var number = line[1..];
        switch (line[0])
        {
            case '-': throw new InvalidOperationException($"Redis answers {line}");
            case '$':
                var length = int.Parse(number, CultureInfo.InvariantCulture);
                return length < 0 ? null : await Bulk(length);
            case '*':
                var count = int.Parse(number, CultureInfo.InvariantCulture);
                if (count < 0)
                    return null;
                var all = new object?[count];
                for (var i = 0; i < count; i++)
                    all[i] = await Answer();
                return all;
            default: return Encoding.UTF8.GetBytes(number);
        }
    }

    public void Dispose() => _client.Dispose();

    private void Write(string text) => Encoding.ASCII.GetBytes(text, _commands);

    private async ValueTask<string> Line()
    {
        while (true)
        {
            if (!_answers.TryRead(out var read))
                read = await _answers.ReadAsync();
            if (read.Buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = Encoding.ASCII.GetString(read.Buffer.Slice(0, end)).TrimEnd('\r');
                _answers.AdvanceTo(read.Buffer.GetPosition(1, end));
                return line;
            }
            RequireMore(read);
            _answers.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private async ValueTask<byte[]> Bulk(int length)
    {
        var read = await _answers.ReadAtLeastAsync(length + 2);
        if (read.Buffer.Length < length + 2)
            RequireMore(read);
        var bytes = read.Buffer.Slice(0, length).ToArray();
        _answers.AdvanceTo(read.Buffer.GetPosition(length + 2));
        return bytes;
    }

    private static void RequireMore(ReadResult read)
    {
        if (read.IsCompleted)
            throw new InvalidOperationException("Redis has closed the connection.");
    }
}
