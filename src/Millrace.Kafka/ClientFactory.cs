namespace Millrace.Kafka;

/// <summary>Makes clients, and tells in the words of transports when librdkafka is missing or does not take its
/// settings.</summary>
internal static class ClientFactory
{
    public static T Make<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (Exception exception)
            when (exception is InvalidOperationException or ArgumentException or Confluent.Kafka.KafkaException)
        {
            throw new TransportRefusedException(KafkaTransport.Name, exception.Message, exception);
        }
        catch (Exception exception)
            when (exception is DllNotFoundException or TypeInitializationException or BadImageFormatException)
        {
            var cause = exception.GetBaseException().Message;
            throw new TransportRefusedException(
                KafkaTransport.Name,
                $"librdkafka is not there for this machine: {cause}. The package librdkafka.redist brings it.",
                exception);
        }
    }
}
