using System.Text;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;

namespace Millrace.Etcd;

/// <summary>
/// A watch of the keys with a prefix from a revision. It ends with its stream: if the member fails or loses its leader,
/// the token expires, the revision is compacted, or nothing has changed for a minute. The caller then reads everything
/// again and opens another watch.
/// </summary>
internal sealed class EtcdWatch : IDisposable
{
    private static readonly TimeSpan MaxSilence = TimeSpan.FromMinutes(1);

    private readonly EtcdConnection _connection;
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenSource _limit;
    private readonly CancellationTokenSource _any;
    private readonly AsyncDuplexStreamingCall<WatchRequest, WatchResponse> _call;
    private WatchCreateRequest? _request;

    public EtcdWatch(
        EtcdConnection connection, string prefix, long revision, TimeSpan answerTimeout, TimeProvider time,
        CancellationToken cancellationToken)
    {
        _connection = connection;
        _cancellationToken = cancellationToken;
        _request = new WatchCreateRequest
        {
            Key = ByteString.CopyFromUtf8(prefix),
            RangeEnd = EndOf(prefix),
            StartRevision = revision,
        };
        _limit = new CancellationTokenSource(answerTimeout, time); // The time for etcd to confirm the watch.
        _any = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token, cancellationToken);
        try
        {
            _call = connection.OpenWatch(_any.Token);
        }
        catch
        {
            _any.Dispose();
            _limit.Dispose();
            throw;
        }
    }

    /// <summary>Returns the first key after all that start with a prefix.</summary>
    public static ByteString EndOf(string prefix)
    {
        var bytes = Encoding.UTF8.GetBytes(prefix);
        bytes[^1]++; // UTF-8 has no byte of 255.
        return ByteString.CopyFrom(bytes);
    }

    /// <summary>Returns true when keys have changed, and false when the stream has ended.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled the watch.</exception>
    public async Task<bool> WaitForChange()
    {
        try
        {
            if (_request is { } request)
                await _call
                    .RequestStream.WriteAsync(new WatchRequest { CreateRequest = request }, _any.Token)
                    .ConfigureAwait(false);
            _request = null;
            while (await _call.ResponseStream.MoveNext(_any.Token).ConfigureAwait(false))
            {
                var change = _call.ResponseStream.Current;
                if (change.Canceled)
                    break;
                _limit.CancelAfter(MaxSilence);
                if (change.Events.Count > 0)
                    return true;
            }
        }
        catch (Exception exception)
            when (exception
                    is RpcException
                        or OperationCanceledException
                        or InvalidOperationException
                        or HttpRequestException
                        or IOException)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
        // etcd has ended the watch: the token may have expired, which the status of the call does not show.
        _connection.Renew();
        return false;
    }

    public void Dispose()
    {
        _call.Dispose();
        _any.Dispose();
        _limit.Dispose();
    }
}
