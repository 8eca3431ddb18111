namespace Millrace.Faults.Tests;

/// <summary>
/// Sends requests in turn to the nodes whose last readiness probe succeeded, like a load balancer. It never repeats a
/// request.
/// </summary>
internal sealed class ProbingBalancer : IAsyncDisposable
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(30);

    // As usual for load balancers: on a busy machine, a late response does not mean that a node cannot work.
    private const int MaxLateProbes = 3;

    private readonly IReadOnlyList<ClusterNode> _nodes;
    private readonly HttpClient _http = new() { Timeout = RequestLimit };
    private readonly CancellationTokenSource _closing = new();
    private readonly bool[] _isReady;
    private readonly Task _probing;
    private int _requests;

    public ProbingBalancer(IReadOnlyList<ClusterNode> nodes)
    {
        _nodes = nodes;
        _isReady = new bool[nodes.Count];
        _probing = Task.WhenAll(Enumerable.Range(0, nodes.Count).Select(node => Task.Run(() => Probe(node))));
    }

    public bool IsReady(int node) => Volatile.Read(ref _isReady[node]);

    /// <summary>Waits until a node is ready, or is not ready.</summary>
    public Task Until(int node, bool isReady) => Testing.Eventually.Until(() => IsReady(node) == isReady);

    /// <summary>Sends a request to the next ready node, and returns its response.</summary>
    /// <exception cref="HttpRequestException">No node is ready, or the request failed.</exception>
    public async Task<string> Send(HttpMethod method, string path)
    {
        for (var skipped = 0; skipped < _nodes.Count; skipped++)
        {
            var node = (int)((uint)Interlocked.Increment(ref _requests) % _nodes.Count);
            if (!IsReady(node))
                continue;
            using var request = new HttpRequestMessage(method, new Uri(_nodes[node].Address, path));
            using var response = await _http.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            return response.IsSuccessStatusCode
                ? text
                : throw new HttpRequestException($"Node {node} responded {response.StatusCode}: {text}");
        }
        throw new HttpRequestException("No node is ready.");
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _probing;
        _http.Dispose();
        _closing.Dispose();
    }

    private async Task Probe(int node)
    {
        using var timer = new PeriodicTimer(ProbeInterval);
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(1) };
        var late = 0;
        do
        {
            try
            {
                using var response = await http.GetAsync(new Uri(_nodes[node].Address, "/readyz"), _closing.Token);
                Volatile.Write(ref _isReady[node], response.IsSuccessStatusCode);
                late = 0;
            }
            catch (OperationCanceledException) when (++late < MaxLateProbes)
            {
                // The node keeps its state.
            }
            catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
            {
                Volatile.Write(ref _isReady[node], false);
            }
        }
        while (!_closing.IsCancellationRequested && await timer.WaitForNextTickAsync(CancellationToken.None));
    }
}
