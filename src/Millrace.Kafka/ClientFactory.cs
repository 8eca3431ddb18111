namespace Millrace.Kafka;

/// <summary>Creates clients, and converts the errors of a missing librdkafka or of refused settings.</summary>
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
                $"librdkafka is missing for this machine: {cause}. The package librdkafka.redist contains it.",
                exception);
        }
    }
}
