namespace Millrace.Messaging;

/// <summary>
/// The brokers that an application supports, of which its configuration selects one. Adapters extend it:
/// <c>AddRabbitMq</c>.
/// </summary>
public sealed class TransportAlternatives
{
    internal TransportAlternatives()
    {
        var broker = new InMemoryBroker();
        Add(InMemoryTransport.Name, _ => new InMemoryTransport(broker));
    }

    /// <summary>The configuration key that selects the broker.</summary>
    internal const string Setting = "Millrace:Messaging:Transport";

    internal Dictionary<string, Func<IServiceProvider, ITransport>> All { get; } = new(StringComparer.Ordinal);

    internal string? Default { get; private set; }

    /// <summary>
    /// Adds a broker; the last one of a name applies. <c>memory</c> is always available: a broker in the memory of this
    /// process.
    /// </summary>
    /// <param name="name">The stable name for the configuration: <c>rabbitmq</c>.</param>
    /// <param name="create">Creates it when the application starts, if it is selected; it is disposed with the
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

    /// <summary>
    /// Sets the broker that is used if the configuration selects none; without a default, the configuration must select
    /// one.
    /// </summary>
    public TransportAlternatives Otherwise(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Default = name;
        return this;
    }
}
