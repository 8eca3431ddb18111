namespace Commerce.Services;

/// <summary>The broker between the services.</summary>
public enum ShopBroker
{
    RabbitMq,
    Kafka,
    Redis,
}
