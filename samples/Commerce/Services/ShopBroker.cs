namespace Commerce.Services;

/// <summary>What brings messages from one service to the other.</summary>
public enum ShopBroker
{
    RabbitMq,
    Kafka,
    Redis,
}
