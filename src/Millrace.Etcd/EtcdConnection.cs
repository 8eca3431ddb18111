using System.Net.Security;
using dotnet_etcd;
using Etcdserverpb;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;

namespace Millrace.Etcd;

/// <summary>
/// Calls etcd through the client library, each call within <see cref="EtcdOptions.AnswerTimeout"/>. If a member is
/// unavailable, has no leader or does not know the token, the call is sent to the next member.
/// </summary>
internal sealed class EtcdConnection : IDisposable
{
    // With one endpoint, a call fails early if nothing listens, but only after the channel has tried to reconnect.
    private const int MaxAttemptsAtOneEndpoint = 4;
    private const int MaxReceivedBytes = 64 * 1024 * 1024;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMilliseconds(400);

    private readonly EtcdOptions _options;
    private readonly TimeProvider _time;
    private readonly EtcdClient _client;
    private readonly int _endpointCount;

    public EtcdConnection(EtcdOptions options, SslClientAuthenticationOptions tls, TimeProvider time)
    {
        _options = options;
        _time = time;
        var endpoints = options.Endpoints();
        _endpointCount = endpoints.Length;
        // The library enables TLS by this delegate and not by the scheme. The delegate itself changes nothing, because
        // Configure replaces the library's handler with one that has the TLS options.
        Action<SslClientAuthenticationOptions>? enableTls = options.IsSecure ? LeaveTlsUnchanged : null;
        _client = new EtcdClient(
            string.Join(',', endpoints), enableTls, configureChannelOptions: channel => Configure(channel, tls));
        RemoveToken();
    }

    /// <summary>Calls etcd.</summary>
    /// <exception cref="EtcdUnavailableException">No member answered in time, or an answer was not valid.</exception>
    /// <exception cref="EtcdAccessException">A user, a password, a permission or a certificate is wrong.</exception>
    public async Task<T> Call<T>(
        string operation, Func<EtcdClient, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.AnswerTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var pause = FirstPause;
        EtcdFailure? last = null;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await Attempt(call, linked.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not ObjectDisposedException && exception is (RpcException
                or OperationCanceledException or HttpRequestException or IOException or InvalidOperationException))
            {
                cancellationToken.ThrowIfCancellationRequested();
                last =
                    limit.IsCancellationRequested && last is not null
                        ? last
                        : EtcdFailure.Of(exception, operation, _options);
            }
            var isLast = !last.IsRetried || limit.IsCancellationRequested
                || (_endpointCount == 1 && attempt == MaxAttemptsAtOneEndpoint);
            if (isLast)
                throw last.Exception;
            if (last.NeedsToken)
                RemoveToken();
            await Task.Delay(pause, _time, linked.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < MaxPause ? pause * 2 : MaxPause;
        }
    }

    /// <summary>
    /// Opens the stream of a watch. etcd ends the stream if the member loses the leader. The caller limits the time of
    /// each read, and disposes the stream.
    /// </summary>
    public AsyncDuplexStreamingCall<WatchRequest, WatchResponse> OpenWatch(CancellationToken cancellationToken) =>
        _client.GetConnection().WatchClient.Watch(new Metadata { { "hasleader", "true" } }, null, cancellationToken);

    /// <summary>Removes the token of the user, so that the next call requests a new one.</summary>
    public void RemoveToken()
    {
        if (!string.IsNullOrWhiteSpace(_options.User))
            _client.SetCredentials(_options.User, _options.Password);
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Calls one member. If there are other members, the call gets only a part of the total time.</summary>
    private async Task<T> Attempt<T>(
        Func<EtcdClient, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.AnswerTimeout / Math.Min(_endpointCount, 3), _time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        return await call(_client, any.Token).ConfigureAwait(false);
    }

    private static void LeaveTlsUnchanged(SslClientAuthenticationOptions tls)
    {
    }

    private void Configure(GrpcChannelOptions channel, SslClientAuthenticationOptions tls)
    {
        channel.HttpHandler?.Dispose();
        channel.HttpHandler = new SocketsHttpHandler
        {
            SslOptions = tls,
            ConnectTimeout = _options.AnswerTimeout,
            UseProxy = false, // A proxy would select the member.
            EnableMultipleHttp2Connections = true,
            // etcd closes connections that ping more often than every 5 seconds, or while no call is open.
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            KeepAlivePingDelay = TimeSpan.FromSeconds(10),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
        };
        // The method Call retries, so the channel does not.
        channel.ServiceConfig = new ServiceConfig { LoadBalancingConfigs = { new RoundRobinConfig() } };
        channel.MaxReceiveMessageSize = MaxReceivedBytes;
        channel.InitialReconnectBackoff = FirstPause;
        channel.MaxReconnectBackoff = MaxPause;
    }
}
