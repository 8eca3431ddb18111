using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;

namespace Millrace.Kafka;

/// <summary>Checks the topics of a cluster, and creates missing ones.</summary>
internal sealed class KafkaTopics(KafkaOptions options, ILogger logger) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly LastClientError _lastError = new();
    private IAdminClient? _client;

    /// <exception cref="TransportUnavailableException">No broker answers.</exception>
    public async Task Check(CancellationToken cancellationToken) =>
        await Call(client => client.GetMetadata(options.RequestTimeout), cancellationToken).ConfigureAwait(false);

    /// <summary>Creates missing topics, or lets the broker create them.</summary>
    /// <param name="topics">The retention of each topic, by name; null for the broker's default.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="TransportUnavailableException">No broker answers.</exception>
    /// <exception cref="TransportRefusedException">A topic is missing and may not be created.</exception>
    public async Task Require(IReadOnlyDictionary<string, TimeSpan?> topics, CancellationToken cancellationToken)
    {
        var metadata = await Call(client => client.GetMetadata(options.RequestTimeout), cancellationToken)
            .ConfigureAwait(false);
        var missing = topics
            .Keys.Except(metadata.Topics.Where(topic => !topic.Error.IsError).Select(topic => topic.Topic))
            .ToList();
        if (missing.Count == 0)
            return;
        if (options.CreatesTopics)
            await Create(missing.ConvertAll(name => Specification(name, topics[name])), cancellationToken)
                .ConfigureAwait(false);
        else
            await RequestTopics(missing, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is { } client)
            await Task.Run(client.Dispose)
                .WaitAsync(PublishChannel.CloseTimeout)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private TopicSpecification Specification(string name, TimeSpan? keptFor)
    {
        var topic = new TopicSpecification
        {
            Name = name,
            NumPartitions = options.Partitions == 0 ? -1 : options.Partitions, // -1 is the broker's default.
            ReplicationFactor = (short)(options.Copies == 0 ? -1 : options.Copies),
        };
        if (keptFor is not { } time)
            return topic;
        // Only whole segments are removed, and never the active one, which must therefore end in time as well.
        var milliseconds = ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        topic.Configs = new Dictionary<string, string>
        {
            ["cleanup.policy"] = "delete",
            ["retention.ms"] = milliseconds,
            ["segment.ms"] = milliseconds,
        };
        return topic;
    }

    private async Task Create(List<TopicSpecification> topics, CancellationToken cancellationToken)
    {
        var limits = new CreateTopicsOptions
        {
            RequestTimeout = options.RequestTimeout,
            OperationTimeout = options.RequestTimeout,
        };
        try
        {
            await Client()
                .CreateTopicsAsync(topics, limits)
                .WaitAsync(options.RequestTimeout * 2, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (CreateTopicsException exception)
        {
            var failed = exception.Results.Find(one =>
                one.Error.IsError && one.Error.Code != ErrorCode.TopicAlreadyExists);
            if (failed is not null)
                throw KafkaFailure.Of(
                    new Error(failed.Error.Code, $"topic '{failed.Topic}': {failed.Error.Reason}"), exception);
        }
        catch (KafkaException exception)
        {
            throw KafkaFailure.Of(_lastError.WithLastError(exception.Error), exception);
        }
        catch (TimeoutException)
        {
            throw KafkaFailure.NoAnswer(options.RequestTimeout * 2);
        }
    }

    /// <summary>Requests the metadata of topics; brokers with automatic creation then create them.</summary>
    private async Task RequestTopics(List<string> names, CancellationToken cancellationToken)
    {
        foreach (var name in names)
        {
            var found = await Call(client => client.GetMetadata(name, options.RequestTimeout), cancellationToken)
                .ConfigureAwait(false);
            var error = found.Topics.Find(topic => topic.Topic == name)?.Error;
            if (error?.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic)
            {
                throw new TransportRefusedException(
                    KafkaTransport.Name,
                    $"the topic '{name}' does not exist, and the broker does not create topics. Create it, or set "
                        + "CreatesTopics.");
            }
            // A topic without a leader is being created.
            if (error is { IsError: true, Code: not ErrorCode.LeaderNotAvailable })
                throw KafkaFailure.Of(new Error(error.Code, $"topic '{name}': {error.Reason}"));
        }
    }

    /// <summary>Calls the client, which blocks the calling thread.</summary>
    private async Task<T> Call<T>(Func<IAdminClient, T> call, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await Task.Run(() => call(Client()), cancellationToken)
                .WaitAsync(cancellationToken)
                .ConfigureAwait(false);
            _lastError.Forget();
            return answer;
        }
        catch (KafkaException exception)
        {
            throw KafkaFailure.Of(_lastError.WithLastError(exception.Error), exception);
        }
    }

    private IAdminClient Client()
    {
        lock (_lock)
        {
            return _client ??= ClientFactory.Make(() => new AdminClientBuilder(ClientSettings.Common(options))
                .SetErrorHandler((_, error) => _lastError.Note(error)) // Reported to the next caller.
                .SetLogHandler((_, entry) => KafkaLog.Note(logger, entry))
                .Build());
        }
    }
}
