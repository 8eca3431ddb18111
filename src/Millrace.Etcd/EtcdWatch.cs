using System.Text;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;

namespace Millrace.Etcd;

/// <summary>
/// A watch of the keys with a prefix, from a revision on. It ends if the member fails or loses its leader, if the token
/// expires, if the revision is compacted, or if etcd sends nothing for a minute. The caller then reads everything again
/// and opens another watch.
/// </summary>
internal sealed class EtcdWatch : IDisposable
{
    private static readonly TimeSpan MaxSilence = TimeSpan.FromMinutes(1);

    private readonly EtcdConnection _connection;
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenSource _timeLimit;
    private readonly CancellationTokenSource _linkedCancellation;
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
            RangeEnd = FirstKeyAfter(prefix),
            StartRevision = revision,
        };
        _timeLimit = new CancellationTokenSource(answerTimeout, time); // The time for etcd to confirm the watch.
        _linkedCancellation = CancellationTokenSource.CreateLinkedTokenSource(_timeLimit.Token, cancellationToken);
        try
        {
            _call = connection.OpenWatch(_linkedCancellation.Token);
        }
        catch
        {
            _linkedCancellation.Dispose();
            _timeLimit.Dispose();
            throw;
        }
    }

    /// <summary>Returns the first key after all keys that start with a prefix.</summary>
    public static ByteString FirstKeyAfter(string prefix)
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
                    .RequestStream.WriteAsync(new WatchRequest { CreateRequest = request }, _linkedCancellation.Token)
                    .ConfigureAwait(false);
            _request = null;
            while (await _call.ResponseStream.MoveNext(_linkedCancellation.Token).ConfigureAwait(false))
            {
                var change = _call.ResponseStream.Current;
                if (change.Canceled)
                    break;
                _timeLimit.CancelAfter(MaxSilence);
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
        _connection.RemoveToken();
        return false;
    }

    public void Dispose()
    {
        _call.Dispose();
        _linkedCancellation.Dispose();
        _timeLimit.Dispose();
    }
}
