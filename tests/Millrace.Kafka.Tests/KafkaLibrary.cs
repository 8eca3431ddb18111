using System.Runtime.CompilerServices;

namespace Millrace.Kafka.Tests;

/// <summary>Has the client find the library of this machine, before anything uses it.</summary>
internal static class KafkaLibrary
{
    [ModuleInitializer]
    internal static void Use() => KafkaPrograms.UseFor(typeof(Confluent.Kafka.Library).Assembly);
}
