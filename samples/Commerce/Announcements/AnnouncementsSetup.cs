using Commerce.Services;
using Millrace.Kafka;
using Millrace.Messaging;
using Millrace.RabbitMq;
using Millrace.Redis;

namespace Commerce.Announcements;

/// <summary>Announces the events of the shop to other programs, through a broker.</summary>
internal static class AnnouncementsSetup
{
    /// <summary>The name of the transport, and of its configuration section below <c>Millrace:Messaging</c>.</summary>
    public const string Name = "announcements";

    private const string Section = "Millrace:Messaging:";

    /// <summary>
    /// Adds announcements through the broker of the services, or through the broker in the configuration.
    /// <c>Millrace:Messaging:Transport</c> names this broker (rabbitmq, kafka or redis), and
    /// <c>Millrace:Messaging:{transport}:Address</c> contains its address. Without a broker, the shop announces no
    /// events.
    /// </summary>
    /// <exception cref="ArgumentException">The configuration names another broker.</exception>
    public static MillraceBuilder UseAnnouncements(
        this MillraceBuilder millrace, ShopOptions options, IConfiguration configuration)
    {
        if (BrokerOf(options, configuration) is not var (broker, address))
            return millrace;
        var announced = AnnouncedEvents.Of(options.Role).ToList();
        return millrace.UseTransport(
            Name,
            provider => new AnnouncingTransport(Connect(broker, address, provider), announced),
            transport =>
            {
                transport.Configure(options =>
                {
                    options.AllowsUnroutable = true;
                    options.PublishesDecrypted = true; // Other programs have no keys. No personal data is announced.
                });
                foreach (var announcement in announced)
                    transport.Publish(announcement.Topic, announcement.Event);
            });
    }

    private static (ShopBroker Broker, string? Address)? BrokerOf(ShopOptions options, IConfiguration configuration)
    {
        if (options.Broker is { } broker)
            return (broker, options.BrokerAddress);
        if (configuration[Section + "Transport"] is not { Length: > 0 } named)
            return null;
        return Enum.TryParse(named, ignoreCase: true, out broker) && !char.IsAsciiDigit(named[0])
            ? (broker, configuration[$"{Section}{named}:Address"])
            : throw new ArgumentException(
                $"{Section}Transport must be rabbitmq, kafka or redis, but is '{named}'.", nameof(options));
    }

    /// <summary>Connects to the broker with its options from the configuration.</summary>
    private static ITransport Connect(ShopBroker broker, string? address, IServiceProvider provider)
    {
        var configuration = provider.GetRequiredService<IConfiguration>();
        switch (broker)
        {
            case ShopBroker.RabbitMq:
                var rabbit = new RabbitMqOptions();
                configuration.GetSection(Section + RabbitMqTransport.Name).Bind(rabbit);
                rabbit.Uri = address ?? rabbit.Uri;
                return new RabbitMqTransport(rabbit);
            case ShopBroker.Redis:
                var redis = new RedisOptions();
                configuration.GetSection("Millrace:Redis").Bind(redis);
                redis.Address = address ?? redis.Address;
                return new RedisTransport(redis, provider.GetRequiredService<TimeProvider>());
            default:
                var kafka = new KafkaOptions();
                configuration.GetSection("Millrace:Kafka").Bind(kafka);
                kafka.Servers = address ?? kafka.Servers;
                return new KafkaTransport(kafka);
        }
    }
}
