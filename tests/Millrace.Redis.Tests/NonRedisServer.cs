using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Millrace.Redis.Tests;

/// <summary>A TCP server that is not Redis and answers any data with the bytes that a test chooses.</summary>
internal sealed class NonRedisServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly Func<int, string, byte[]> _answer;
    private readonly Task _serving;

    /// <param name="answer">Returns the answer to data, given its number on the connection and its text.</param>
    public NonRedisServer(Func<int, string, byte[]> answer)
    {
        _answer = answer;
        _listener.Start();
        _serving = Serve();
    }

    public string Address => $"redis://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>
    /// Returns the answers of a Redis before version 6 to the commands that open a connection, or null for others.
    /// </summary>
    public static byte[]? Greeting(string commands)
    {
        var answers = new StringBuilder();
        foreach (var command in Regex
                .Matches(commands, @"\*\d+\r\n\$\d+\r\n([^\r]+)\r\n(?:\$\d+\r\n([^\r]*))?")
                .Select(match => match.Groups))
        {
            switch (command[1].Value.ToUpperInvariant(), command[2].Value.ToUpperInvariant())
            {
                case ("HELLO", _): answers.Append("-ERR unknown command 'HELLO'\r\n"); break;
                case ("CLIENT", "ID"): answers.Append(":7\r\n"); break;
                case ("CLIENT", _): answers.Append("+OK\r\n"); break;
                case ("PING", _): answers.Append("+PONG\r\n"); break;
                default: return null;
            }
        }
        return Encoding.UTF8.GetBytes(answers.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _serving;
        _listener.Stop(); // Stopped last, because AcceptTcpClientAsync on a stopped listener throws another exception.
        _closing.Dispose();
    }

    private async Task Serve()
    {
        var clients = new List<Task>();
        try
        {
            while (true)
                clients.Add(Answer(await _listener.AcceptTcpClientAsync(_closing.Token)));
        }
        catch (Exception failure)
            when (failure is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(clients);
        }
    }

    private async Task Answer(TcpClient client)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            using (client)
            {
                for (
                    var piece = 0;
                    await client.GetStream().ReadAsync(buffer, _closing.Token) is > 0 and var length;
                    piece++)
                    await client
                        .GetStream()
                        .WriteAsync(_answer(piece, Encoding.UTF8.GetString(buffer, 0, length)), _closing.Token);
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException or SocketException)
        {
            // The client has closed the connection.
        }
    }
}
