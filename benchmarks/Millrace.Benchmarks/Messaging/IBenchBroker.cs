using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Storages;
using Millrace.Messaging;

namespace Millrace.Benchmarks.Messaging;

/// <summary>A real broker that is measured on, with what a specialist does by hand on its bare client.</summary>
internal interface IBenchBroker : IAsyncDisposable
{
    /// <summary>What its benchmarks begin with, and the name of its transport.</summary>
    string Name { get; }

    /// <summary>What is otherwise with it, where messages are timed on their way; null when nothing is.</summary>
    string? Caveat => null;

    /// <summary>
    /// Starts it, where it does not run yet, and makes what the messages of a round go to, where applications do not do
    /// that themselves.
    /// </summary>
    Task Prepare(string destination, int messages);

    /// <summary>Connects an application to it.</summary>
    void Connect(MillraceBuilder millrace, Action<TransportBuilder> configure);

    /// <summary>Opens it as an adapter does.</summary>
    ITransport NewTransport();

    /// <summary>
    /// Publishes the bodies of lines by the bare client to a subscription that is declared, and returns
    /// when all are confirmed.
    /// </summary>
    Task<Round> PublishBodies(Subscription subscription, int count);

    /// <summary>
    /// Publishes events by the bare client, each with all attributes and the key that Millrace publishes it with, and
    /// returns when all are confirmed.
    /// </summary>
    Task<Round> PublishEvents(Subscription subscription, PendingEvent[] events);

    /// <summary>
    /// Takes messages by the bare client, writes a row for each in batches, and acknowledges. Measured from the first
    /// message on.
    /// </summary>
    Task<Round> ReceiveBare(Subscription subscription, int count, IRowWriter rows);

    /// <summary>Removes a subscription and what it holds.</summary>
    Task Drop(Subscription subscription);

    /// <summary>The error of what needs the broker before a round has prepared it.</summary>
    static InvalidOperationException Unprepared() => new("A round prepares the broker first.");
}
