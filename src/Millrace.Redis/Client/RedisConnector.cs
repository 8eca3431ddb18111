using System.Net.Security;
using StackExchange.Redis;

namespace Millrace.Redis;

/// <summary>Opens connections to one Redis.</summary>
internal sealed class RedisConnector(RedisOptions options, TimeProvider time)
{
    /// <summary>The longest wait of a server that is asked to wait.</summary>
    public static readonly TimeSpan LongestBlock = TimeSpan.FromSeconds(5);

    private const string ErrorKind = "SimpleError: ";

    private readonly RedisAddress _address = RedisAddress.TryParse(options.Address)!; // The options were checked.

    /// <summary>How long an answer may take that the server has at once.</summary>
    public TimeSpan AnswerTimeout => options.AnswerTimeout;

    /// <summary>Opens a connection for commands.</summary>
    /// <exception cref="RedisLostException">No server answers there in time, or not as Redis does.</exception>
    /// <exception cref="RedisErrorException">It does not accept the user.</exception>
    public ValueTask<RedisConnection> Connect(CancellationToken cancellationToken) => Connect(Settings(), cancellationToken);

    /// <summary>Opens a connection that takes messages of channels as well.</summary>
    /// <exception cref="RedisLostException">No server answers there in time, or not as Redis does.</exception>
    /// <exception cref="RedisErrorException">It does not accept the user.</exception>
    public ValueTask<RedisConnection> ConnectListener(CancellationToken cancellationToken)
    {
        var settings = Settings();
        settings.BacklogPolicy = BacklogPolicy.Default; // The first subscription waits until the library is prepared for it.
        return Connect(settings, cancellationToken);
    }

    private async ValueTask<RedisConnection> Connect(ConfigurationOptions settings, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        RedisConnection? connection = null;
        try
        {
            connection = await RedisConnection.Open(settings, options.AnswerTimeout, time, cancellationToken).ConfigureAwait(false);
            await connection.LearnId(options.AnswerTimeout, cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch (Exception exception)
        {
            if (connection is not null)
                await connection.DisposeAsync().ConfigureAwait(false);
            if (exception is OperationCanceledException && cancellationToken.IsCancellationRequested)
                throw;
            throw FailureOf(exception, time.GetElapsedTime(started) >= options.AnswerTimeout);
        }
    }

    private Exception FailureOf(Exception exception, bool isLate) => exception switch
    {
        RedisErrorException => exception,
        { InnerException: RedisServerException error } => new RedisErrorException(TextOf(error)),
        TimeoutException => Late(exception),
        _ when isLate => Late(exception),
        _ => new RedisLostException($"{_address}: {exception.Message}", exception),
    };

    /// <summary>What the server has said, before which the library says what kind of answer it is.</summary>
    private static string TextOf(RedisServerException error) =>
        error.Message.StartsWith(ErrorKind, StringComparison.Ordinal) ? error.Message[ErrorKind.Length..] : error.Message;

    private RedisLostException Late(Exception exception) =>
        new($"{_address} did not answer within {options.AnswerTimeout}.", exception);

    private ConfigurationOptions Settings()
    {
        var settings = new ConfigurationOptions
        {
            User = _address.User,
            Password = _address.Password,
            DefaultDatabase = _address.Database,
            Ssl = _address.IsSecure,
            SslClientAuthenticationOptions = Tls,
            Protocol = RedisProtocol.Resp3,
            // One attempt, whose end is known: who connects has a back-off.
            AbortOnConnectFail = true,
            ConnectRetry = 1,
            ConnectTimeout = Milliseconds(options.AnswerTimeout),
            BacklogPolicy = BacklogPolicy.FailFast,
            // Each call has its own limit; this one only ends what is left of a server that does not answer.
            AsyncTimeout = Milliseconds(LongestBlock + (3 * options.AnswerTimeout)),
            // What is sent to open a connection is to need no right of a role: neither keys nor channels, nor these commands.
            CommandMap = CommandMap.Create(new HashSet<string> { "ECHO", "CONFIG", "INFO", "SENTINEL", "CLUSTER" }, available: false),
            TieBreaker = "",
            ConfigurationChannel = "",
            SetClientLibrary = false,
            AllowAdmin = true, // CLIENT UNBLOCK counts as such.
            IncludeDetailInExceptions = false,
        };
        foreach (var host in _address.Hosts)
            settings.EndPoints.Add(host);
        return settings;
    }

    private SslClientAuthenticationOptions Tls(string host)
    {
        var how = new SslClientAuthenticationOptions { TargetHost = host };
        options.ConfigureTls?.Invoke(how);
        return how;
    }

    private static int Milliseconds(TimeSpan span) => (int)span.TotalMilliseconds;
}
