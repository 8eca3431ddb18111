using System.Diagnostics;
using System.Globalization;

namespace Millrace.Faults.Tests;

/// <summary>
/// A thread-safe client of several equal nodes. If a node does not answer, the client sends the request with the same
/// ids to the next node, until the timeout.
/// </summary>
internal sealed class ClusterClient : IDisposable
{
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromMilliseconds(30);

    private readonly IReadOnlyList<ClusterNode> _nodes;
    private readonly HttpClient _http;

    public ClusterClient(IReadOnlyList<ClusterNode> nodes)
    {
        _nodes = nodes;
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(1),
            MaxConnectionsPerServer = 256,
        };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Gets the time after which the client gives up a request.</summary>
    public TimeSpan WaitTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Appends events, and returns the result as an operation of a history.</summary>
    public async Task<Operation> Append(
        int client, string stream, long expected, Guid[] ids, long number, int firstNode)
    {
        var started = Stopwatch.GetTimestamp();
        var path = string.Create(
            CultureInfo.InvariantCulture,
            $"/append?stream={stream}&expected={expected}&ids={string.Join(',', ids)}&writer={client}&number={number}");
        var answer = await Ask(HttpMethod.Post, path, firstNode);
        var operation = new Operation(client, stream, OperationKind.Append, started, Operation.Never)
        {
            Expected = expected,
            Ids = ids,
        };
        return answer switch
        {
            ["OK", var version, var position] => operation with
            {
                Ended = Stopwatch.GetTimestamp(),
                Answer = AnswerKind.Done,
                Version = Number(version),
                Position = Number(position),
            },
            ["CONFLICT", var actual] => operation with
            {
                Ended = Stopwatch.GetTimestamp(),
                Answer = AnswerKind.Conflict,
                Version = Number(actual),
            },
            _ => operation,
        };
    }

    /// <summary>Reads a whole stream.</summary>
    public async Task<Operation> Read(int client, string stream, int firstNode)
    {
        var started = Stopwatch.GetTimestamp();
        var answer = await Ask(HttpMethod.Get, $"/read?stream={stream}", firstNode);
        var operation = new Operation(client, stream, OperationKind.Read, started, Operation.Never);
        if (answer is not ["READ", var ids])
            return operation;
        return operation with
        {
            Ended = Stopwatch.GetTimestamp(),
            Answer = AnswerKind.Done,
            Ids = ids.Length == 0 ? [] : Array.ConvertAll(ids.Split(','), Guid.Parse),
        };
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Returns the words of the first answer, or null if no node answered.</summary>
    private async Task<string[]?> Ask(HttpMethod method, string path, int firstNode)
    {
        var started = Stopwatch.GetTimestamp();
        for (var attempt = 0; Stopwatch.GetElapsedTime(started) < WaitTimeout; attempt++)
        {
            if (attempt > 0 && attempt % _nodes.Count == 0)
                await Pause.For(BetweenRounds);
            var node = _nodes[(firstNode + attempt) % _nodes.Count];
            using var limit = new CancellationTokenSource(AttemptLimit);
            try
            {
                using var request = new HttpRequestMessage(method, new Uri(node.Address, path));
                using var response = await _http.SendAsync(request, limit.Token);
                var text = await response.Content.ReadAsStringAsync(limit.Token);
                if (response.IsSuccessStatusCode)
                    return text.Split(' ');
            }
            catch (Exception failure)
                when (failure is HttpRequestException or OperationCanceledException or IOException)
            {
                // The node is killed or unreachable, so the client asks the next node.
            }
        }
        return null;
    }

    private static long Number(string word) => long.Parse(word, CultureInfo.InvariantCulture);
}
