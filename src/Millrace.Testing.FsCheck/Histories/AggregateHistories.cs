using FsCheck;

namespace Millrace.Testing;

/// <summary>
/// Commands that an aggregate is tried with, and rules that hold after each; begun by <see cref="Histories.Of{TAggregate}()"/>.
/// </summary>
/// <remarks>
/// Three things always hold, without being said: a command is done or refused, and throws nothing else; replayed from its stored events
/// the aggregate has the same state; and it decides the same. Commands must tell the same story twice: what they need of clocks and
/// chance is an argument.
/// </remarks>
public sealed class AggregateHistories<TAggregate>
    where TAggregate : Aggregate
{
    private readonly HistoryTrials<TAggregate> _trials;

    internal AggregateHistories(object? id) => _trials = new HistoryTrials<TAggregate>(new AggregateSubject<TAggregate>(id));

    /// <summary>Says which model events are stored by; by default that of the aggregate's assembly.</summary>
    public AggregateHistories<TAggregate> WithModel<TModel>()
        where TModel : IModel
    {
        _trials.Rules.Trip.Named = SpecifiedModel.Of<TModel>();
        return this;
    }

    /// <summary>Says what has happened before every history. Called again, it adds to it.</summary>
    public AggregateHistories<TAggregate> Given(params object[] events)
    {
        ArgumentNullException.ThrowIfNull(events);
        _trials.Rules.Given.AddRange(events);
        return this;
    }

    /// <summary>Says how arguments are made that are not given with their command. Call it before those.</summary>
    public AggregateHistories<TAggregate> WithGenerators(ModelGenerators generators)
    {
        ArgumentNullException.ThrowIfNull(generators);
        _trials.Generators = generators;
        return this;
    }

    /// <summary>Adds a command whose arguments the model knows, such as a command's record; they are made by its generators.</summary>
    public AggregateHistories<TAggregate> Command<TArguments>(Action<TAggregate, TArguments> command)
        where TArguments : notnull
    {
        ArgumentNullException.ThrowIfNull(command);
        return Command(typeof(TArguments).Name, _trials.Generators.Generate<TArguments>(), command);
    }

    /// <summary>Adds a command with arguments that a generator makes.</summary>
    /// <param name="name">What it is called in failures.</param>
    /// <param name="arguments">Makes them.</param>
    /// <param name="command">Calls the aggregate.</param>
    public AggregateHistories<TAggregate> Command<TArguments>(
        string name, Gen<TArguments> arguments, Action<TAggregate, TArguments> command)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return Command(name, _ => arguments, command);
    }

    /// <summary>Adds a command with arguments that depend on the aggregate as it stands: one of its own lines, for instance.</summary>
    /// <param name="name">What it is called in failures.</param>
    /// <param name="arguments">Makes them; when histories are shortened the arguments stay as they were made.</param>
    /// <param name="command">Calls the aggregate.</param>
    public AggregateHistories<TAggregate> Command<TArguments>(
        string name, Func<TAggregate, Gen<TArguments>> arguments, Action<TAggregate, TArguments> command)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(command);
        _trials.Add(name, arguments, (aggregate, given) =>
        {
            command(aggregate, given);
            return aggregate.Raised;
        });
        return this;
    }

    /// <summary>Adds a command without arguments.</summary>
    /// <param name="name">What it is called in failures.</param>
    /// <param name="command">Calls the aggregate.</param>
    public AggregateHistories<TAggregate> Command(string name, Action<TAggregate> command)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(command);
        _trials.Add(name, aggregate =>
        {
            command(aggregate);
            return aggregate.Raised;
        });
        return this;
    }

    /// <summary>Adds a rule that holds after every command, whether it was done or refused.</summary>
    /// <param name="rule">Its name.</param>
    /// <param name="holds">Whether it holds; what it throws means that it does not.</param>
    public AggregateHistories<TAggregate> Always(string rule, Func<TAggregate, bool> holds)
    {
        ArgumentException.ThrowIfNullOrEmpty(rule);
        ArgumentNullException.ThrowIfNull(holds);
        _trials.Rules.Always.Add((rule, holds));
        return this;
    }

    /// <summary>Adds a rule by assertions, which holds after every command.</summary>
    /// <inheritdoc cref="Always(string, Func{TAggregate, bool})"/>
    public AggregateHistories<TAggregate> Always(string rule, Action<TAggregate> holds)
    {
        ArgumentNullException.ThrowIfNull(holds);
        return Always(rule, aggregate =>
        {
            holds(aggregate);
            return true;
        });
    }

    /// <summary>The histories, for properties of your own; shortened by leaving commands out.</summary>
    /// <param name="longest">The most commands of one; from 1, 30 by default.</param>
    public Arbitrary<AggregateHistory<TAggregate>> ToArbitrary(int longest = Histories.LongestByDefault) =>
        _trials.ToArbitrary(longest, outcome => new AggregateHistory<TAggregate>(outcome), history => history.Outcome);

    /// <summary>Tries the rules on generated histories.</summary>
    /// <param name="runs">How many; from 1, 100 by default.</param>
    /// <param name="seed">The seed of a failure, to see it again; null for a new one.</param>
    /// <param name="longest">The most commands of one; from 1, 30 by default.</param>
    /// <exception cref="SpecificationException">A rule was broken; shows the shortest history found that breaks it, and the seed.
    /// </exception>
    public void Check(int runs = 100, string? seed = null, int longest = Histories.LongestByDefault) => _trials.Check(runs, seed, longest);
}
