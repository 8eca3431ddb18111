using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Storages;
using Millrace.Messaging;

namespace Millrace.Benchmarks.Messaging;

/// <summary>A real broker to measure, and hand-written code on its bare client for comparison.</summary>
internal interface IBenchBroker : IAsyncDisposable
{
    /// <summary>The prefix of its benchmarks, and the name of its transport.</summary>
    string Name { get; }

    /// <summary>A remark about measured message times; null for none.</summary>
    string? Caveat => null;

    /// <summary>
    /// Starts the broker if needed, and creates the destination of a round's messages when applications do not create
    /// it.
    /// </summary>
    Task Prepare(string destination, int messages);

    /// <summary>Connects an application to the broker.</summary>
    void Connect(MillraceBuilder millrace, Action<TransportBuilder> configure);

    /// <summary>Opens a transport like an adapter.</summary>
    ITransport NewTransport();

    /// <summary>
    /// Publishes bodies of lines with the bare client to a declared subscription, and completes when all are confirmed.
    /// </summary>
    Task<Round> PublishBodies(Subscription subscription, int count);

    /// <summary>
    /// Publishes events with the bare client, each with the same attributes and key as Millrace's messages, and
    /// completes when all are confirmed.
    /// </summary>
    Task<Round> PublishEvents(Subscription subscription, PendingEvent[] events);

    /// <summary>
    /// Receives messages with the bare client, writes a row for each in batches, and acknowledges them. Measured from
    /// the first message.
    /// </summary>
    Task<Round> ReceiveBare(Subscription subscription, int count, IRowWriter rows);

    /// <summary>Removes a subscription and its messages.</summary>
    Task Drop(Subscription subscription);

    /// <summary>Returns the error for a broker that is used before a round has prepared it.</summary>
    static InvalidOperationException Unprepared() => new("A round prepares the broker first.");
}
