using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

/// <summary>Creates the stores, events and requests of these tests.</summary>
internal static class TestData
{
    public static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    private static readonly JsonSerializerOptions Json = new() { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    public static EventTypeMap Types { get; } = new ModelBuilder()
        .Event("counted", 1, (JsonTypeInfo<Counted>)Json.GetTypeInfo(typeof(Counted)))
        .BuildEventTypes();

    public static async Task<EventStore> Store(
        IStorage? storage = null,
        StoreOptions? options = null,
        TimeProvider? time = null) => await EventStore.Open(storage ?? new InMemoryStorage(), Types, options, time);

    public static NewEvent Event(string type = "happened", string payload = "{}", Guid? id = null) =>
        NewEvent.FromBytes(type, Encoding.UTF8.GetBytes(payload)) with { Id = id };

    public static Guid Id(int number) => new(number, 0, 0, new byte[8]);

    public static CommitRequest Request(string stream, ExpectedVersion expected, params int[] numbers) => new()
    {
        Appends =
        [
            new StreamAppend(new StreamId(stream), expected, [.. numbers.Select(number => new EncodedEvent
            {
                Id = Id(number), HasCallerId = true, Type = "numbered", Payload = default,
            })]),
        ],
    };
}

/// <summary>An event of a registered type.</summary>
internal sealed record Counted(int Number, string? Note = null);
