using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Millrace.Redis;

/// <summary>Opens connections to one Redis.</summary>
internal sealed class RedisConnector(RedisOptions options, TimeProvider time)
{
    // What is read at once begins with 8 entries and is less when they are large; what is left of the limit is for their fields.
    private const int EntriesAtOnce = 16;
    private const long FieldBytes = 16 * 1024 * 1024;

    private readonly RedisAddress _address = RedisAddress.TryParse(options.Address)!; // The options were checked.

    /// <summary>How long an answer may take that the server has at once.</summary>
    public TimeSpan AnswerTimeout => options.AnswerTimeout;

    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="takeUnasked">Takes what comes and answers nothing; null where only answers come.</param>
    /// <exception cref="RedisLostException">Nobody answers there in time, or not as Redis does.</exception>
    /// <exception cref="RedisErrorException">It does not let us in.</exception>
    public async ValueTask<IRedisConnection> Connect(
        CancellationToken cancellationToken, Func<RespValue, bool>? takeUnasked = null)
    {
        using var limit = new CancellationTokenSource(options.AnswerTimeout, time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var stream = await Open(any.Token).ConfigureAwait(false);
            var connection = new RedisConnection(stream, (EntriesAtOnce * options.MaxBodyBytes) + FieldBytes, time, takeUnasked);
            return await Greet(connection, any.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RedisLostException($"{_address} did not answer within {options.AnswerTimeout}.", exception);
        }
        catch (Exception exception) when (exception is SocketException or AuthenticationException or IOException)
        {
            throw new RedisLostException($"{_address}: {exception.Message}", exception);
        }
    }

    private async ValueTask<Stream> Open(CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            await socket.ConnectAsync(_address.Host, _address.Port, cancellationToken).ConfigureAwait(false);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (!_address.IsSecure)
                return stream;
            var tls = new SslStream(stream);
            stream = tls;
            var how = new SslClientAuthenticationOptions { TargetHost = _address.Host };
            options.ConfigureTls?.Invoke(how);
            await tls.AuthenticateAsClientAsync(how, cancellationToken).ConfigureAwait(false);
            return tls;
        }
        catch
        {
            if (stream is not null)
                await stream.DisposeAsync().ConfigureAwait(false);
            socket.Dispose();
            throw;
        }
    }

    private async ValueTask<IRedisConnection> Greet(RedisConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            IRedisConnection line = connection;
            await line.Ask(Greeting(), options.AnswerTimeout, cancellationToken).ConfigureAwait(false);
            connection.Id = await IdOf(line, cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private RedisCommands Greeting()
    {
        var commands = new RedisCommands();
        if (_address is { User: { } user, Password: { } password })
            commands.Begin(3).Add("AUTH"u8).Add(user).Add(password);
        else if (_address.Password is { } only)
            commands.Begin(2).Add("AUTH"u8).Add(only);
        if (_address.Database != 0)
            commands.Begin(2).Add("SELECT"u8).Add(_address.Database);
        return commands.Begin(1).Add("PING"u8);
    }

    private async ValueTask<long> IdOf(IRedisConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            var id = await connection.Ask(RedisCommands.Of("CLIENT", "ID"), options.AnswerTimeout, cancellationToken)
                .ConfigureAwait(false);
            return id.Integer;
        }
        catch (RedisErrorException)
        {
            return 0; // Not everybody may ask; what it is good for is not necessary.
        }
    }
}
