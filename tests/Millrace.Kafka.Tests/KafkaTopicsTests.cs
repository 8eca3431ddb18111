namespace Millrace.Kafka.Tests;

/// <summary>
/// Tests of the creation of missing topics. They use a minimal broker, because librdkafka's mock broker does not
/// support CreateTopics.
/// </summary>
public sealed class KafkaTopicsTests : IAsyncLifetime
{
    // Error codes of Kafka's protocol.
    private const short TopicAuthorizationFailed = 29;
    private const short TopicAlreadyExists = 36;

    private static readonly CancellationToken Cancel = CancellationToken.None;

    private readonly TopicCreationServer _broker = TopicCreationServer.Start();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task Missing_topics_are_created_with_the_configured_settings()
    {
        await using var transport = Transport(options => (options.Partitions, options.Copies) = (12, 3));
        _broker.Created["there"] = (1, 1);

        await Declare(transport, ["orders", "there"], [new("shop", "payments")]);
        await Declare(transport, ["orders"], []);

        Assert.Equal(
            ((1, 1), (12, 3), (12, 3)),
            (_broker.Created["there"], _broker.Created["orders"], _broker.Created["payments"]));
        Assert.Equal(3, _broker.Created.Count);
    }

    [Fact]
    public async Task Missing_settings_use_the_defaults_of_the_broker()
    {
        await using var transport = Transport(options => options.Partitions = 0);

        await Declare(transport, ["orders"], []);

        Assert.Equal((-1, (short)-1), _broker.Created["orders"]);
    }

    [Fact]
    public async Task A_topic_has_a_retention_if_all_its_subscriptions_have_one()
    {
        await using var transport = Transport();
        var (five, ten) = (TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10));

        await Declare(transport, ["orders"],
        [
            new("reply-1", "replies") { Retention = five }, new("reply-2", "replies") { Retention = ten },
            new("passing", "orders") { Retention = five },
            new("audit", "all"), new("passing", "all") { Retention = five },
        ]);

        Assert.Equal(
            ["cleanup.policy = delete", "retention.ms = 600000", "segment.ms = 600000"],
            _broker.Settings["replies"].Order(StringComparer.Ordinal));
        // The application publishes to this topic, and other services may read it.
        Assert.Empty(_broker.Settings["orders"]);
        Assert.Empty(_broker.Settings["all"]);
    }

    [Fact]
    public async Task A_topic_created_concurrently_by_another_client_is_accepted()
    {
        await using var transport = Transport();
        _broker.Refused["orders"] = TopicAlreadyExists;

        await Declare(transport, ["orders", "audit"], []);

        Assert.Equal("audit", Assert.Single(_broker.Created).Key);
    }

    [Fact]
    public async Task A_topic_that_cannot_be_created_is_reported_by_name()
    {
        await using var transport = Transport();
        _broker.Refused["secret"] = TopicAuthorizationFailed;

        var refused = await Assert.ThrowsAsync<TransportRefusedException>(() =>
            Declare(transport, ["orders", "secret"], []).AsTask());

        Assert.Contains("topic 'secret': Not here.", refused.Message, StringComparison.Ordinal);
    }

    private static ValueTask Declare(
        KafkaTransport transport,
        IReadOnlyList<string> topics,
        IReadOnlyList<Subscription> subscriptions
    ) => transport.Declare(new TransportTopology(topics, subscriptions), Cancel);

    private KafkaTransport Transport(Action<KafkaOptions>? configure = null)
    {
        var options = new KafkaOptions { Servers = _broker.Address, RequestTimeout = TimeSpan.FromSeconds(20) };
        configure?.Invoke(options);
        return new KafkaTransport(options);
    }
}
