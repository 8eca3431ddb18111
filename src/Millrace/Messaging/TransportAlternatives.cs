namespace Millrace.Messaging;

/// <summary>
/// The brokers that an application can be run with, of which its configuration chooses one. Adapters extend it:
/// <c>AddRabbitMq</c>.
/// </summary>
public sealed class TransportAlternatives
{
    internal TransportAlternatives()
    {
        var broker = new InMemoryBroker();
        Add(InMemoryTransport.Name, _ => new InMemoryTransport(broker));
    }

    /// <summary>Where the configuration says which is used.</summary>
    internal const string Setting = "Millrace:Messaging:Transport";

    internal Dictionary<string, Func<IServiceProvider, ITransport>> All { get; } = new(StringComparer.Ordinal);

    internal string? Default { get; private set; }

    /// <summary>
    /// Adds a broker; the last one of a name counts. <c>memory</c> is there from the beginning: a broker in the memory
    /// of this process.
    /// </summary>
    /// <param name="name">Its stable name, which the configuration gives: <c>rabbitmq</c>.</param>
    /// <param name="create">Makes it when the application starts and it is chosen; it is disposed with the
    /// application.</param>
    /// <exception cref="InvalidNameException">The name is not allowed.</exception>
    public TransportAlternatives Add(string name, Func<IServiceProvider, ITransport> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        if (ConsumerDefinition.NameProblem(PublishProcessor.NameOf(name)) is { } problem)
            throw new InvalidNameException("transport", name, problem);
        All[name] = create;
        return this;
    }

    /// <summary>Names the broker that is used where the configuration names none; without this, one must be
    /// named.</summary>
    public TransportAlternatives Otherwise(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Default = name;
        return this;
    }
}
