using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Storages;
using Millrace.Messaging;

namespace Millrace.Benchmarks.Messaging;

/// <summary>A broker to measure, with hand-written code on its bare client for comparison.</summary>
internal interface IBenchBroker : IAsyncDisposable
{
    /// <summary>Gets the name of the transport. The names of the broker's benchmarks start with it.</summary>
    string Name { get; }

    /// <summary>Gets a remark about the measured message times, or null when none is necessary.</summary>
    string? Caveat => null;

    /// <summary>
    /// Starts the broker if necessary. Also creates the destination of a round's messages if applications cannot create
    /// it.
    /// </summary>
    Task Prepare(string destination, int messages);

    /// <summary>Connects an application to the broker.</summary>
    void Connect(MillraceBuilder millrace, Action<TransportBuilder> configure);

    /// <summary>Creates a transport, as an application does.</summary>
    ITransport NewTransport();

    /// <summary>
    /// Publishes the bodies of lines to a declared subscription with the bare client. Completes when the broker has
    /// confirmed all messages.
    /// </summary>
    Task<Round> PublishBodies(Subscription subscription, int count);

    /// <summary>
    /// Publishes events with the bare client. Each message has the same attributes and key as a message of Millrace.
    /// Completes when the broker has confirmed all messages.
    /// </summary>
    Task<Round> PublishEvents(Subscription subscription, PendingEvent[] events);

    /// <summary>
    /// Receives messages with the bare client, writes a row for each message in batches, and acknowledges the messages.
    /// The measurement starts at the first message.
    /// </summary>
    Task<Round> ReceiveBare(Subscription subscription, int count, IRowWriter rows);

    /// <summary>Removes a subscription and its messages.</summary>
    Task Drop(Subscription subscription);

    /// <summary>Returns the exception for a broker that is used before <see cref="Prepare"/> was called.</summary>
    static InvalidOperationException Unprepared() => new("The broker is not prepared. Call Prepare first.");
}
