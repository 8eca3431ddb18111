using System.Runtime.CompilerServices;
using System.Text.Json;
using FsCheck;

namespace Millrace.Testing;

/// <summary>
/// Commands that an aggregate is tried with, and rules that hold after each; begun by
/// <see cref="Histories.Of{TAggregate}()"/>.
/// </summary>
/// <remarks>
/// Three things always hold, without being said: a command is done or refused, and throws nothing else; replayed from
/// its stored events the aggregate has the same state; and it decides the same. Commands must tell the same story
/// twice: what they need of clocks and chance is an argument.
/// </remarks>
public sealed class AggregateHistories<TAggregate>
    where TAggregate : Aggregate
{
    private readonly HistoryPropertyTest<TAggregate> _propertyTest;

    internal AggregateHistories(object? id) =>
        _propertyTest = new HistoryPropertyTest<TAggregate>(new AggregateSubject<TAggregate>(id));

    /// <summary>Says which model events are stored by; by default that of the aggregate's assembly.</summary>
    public AggregateHistories<TAggregate> WithModel<TModel>()
        where TModel : IModel
    {
        (_propertyTest.Rules.Trip.Named, _propertyTest.Rules.ModelName) = (
            SpecificationModel.Of<TModel>(), CSharpCode.NameOf(typeof(TModel)));
        return this;
    }

    /// <summary>Says what has happened before every history. Called again, it adds to it.</summary>
    public AggregateHistories<TAggregate> Given(params object[] events)
    {
        ArgumentNullException.ThrowIfNull(events);
        _propertyTest.Rules.Given.AddRange(events);
        return this;
    }

    /// <summary>Says how arguments are made that are not given with their command. Call it before those.</summary>
    public AggregateHistories<TAggregate> WithGenerators(ModelGenerators generators)
    {
        ArgumentNullException.ThrowIfNull(generators);
        _propertyTest.Generators = generators;
        return this;
    }

    /// <summary>Adds a command whose arguments the model knows, such as a command's record; they are made by its
    /// generators.</summary>
    /// <param name="command">Calls the aggregate.</param>
    /// <param name="code">How it is called; filled in by the compiler, for the test that a failure shows.</param>
    public AggregateHistories<TAggregate> Command<TArguments>(
        Action<TAggregate, TArguments> command, [CallerArgumentExpression(nameof(command))] string? code = null)
        where TArguments : notnull
    {
        ArgumentNullException.ThrowIfNull(command);
        return Command(typeof(TArguments).Name, _propertyTest.Generators.Arbitrary<TArguments>(), command, code);
    }

    /// <summary>Adds a command with arguments that a generator makes.</summary>
    /// <param name="name">What it is called in failures.</param>
    /// <param name="arguments">Makes them. When histories are shortened, simpler ones are looked for among others that
    /// it makes.</param>
    /// <param name="command">Calls the aggregate.</param>
    /// <param name="code">How it is called; filled in by the compiler, for the test that a failure shows.</param>
    public AggregateHistories<TAggregate> Command<TArguments>(
        string name,
        Gen<TArguments> arguments,
        Action<TAggregate, TArguments> command,
        [CallerArgumentExpression(nameof(command))] string? code = null)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return Add(new HistoryCall(name, code), _ => arguments, _propertyTest.SimplerOf(arguments), command);
    }

    /// <summary>Adds a command with arguments that an arbitrary makes, and makes simpler.</summary>
    /// <param name="name">What it is called in failures.</param>
    /// <param name="arguments">Makes them, and simpler ones when histories are shortened.</param>
    /// <param name="command">Calls the aggregate.</param>
    /// <param name="code">How it is called; filled in by the compiler, for the test that a failure shows.</param>
    public AggregateHistories<TAggregate> Command<TArguments>(
        string name,
        Arbitrary<TArguments> arguments,
        Action<TAggregate, TArguments> command,
        [CallerArgumentExpression(nameof(command))] string? code = null)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return Add(new HistoryCall(name, code), _ => arguments.Generator, arguments.Shrinker, command);
    }

    /// <summary>Adds a command with arguments that depend on the aggregate as it stands: one of its own lines, for
    /// instance.</summary>
    /// <param name="name">What it is called in failures.</param>
    /// <param name="arguments">Makes them; when histories are shortened the arguments stay as they were made.</param>
    /// <param name="command">Calls the aggregate.</param>
    /// <param name="code">How it is called; filled in by the compiler, for the test that a failure shows.</param>
    public AggregateHistories<TAggregate> Command<TArguments>(
        string name,
        Func<TAggregate, Gen<TArguments>> arguments,
        Action<TAggregate, TArguments> command,
        [CallerArgumentExpression(nameof(command))] string? code = null)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return Add(new HistoryCall(name, code), arguments, static _ => [], command);
    }

    /// <summary>Adds a command without arguments.</summary>
    /// <param name="name">What it is called in failures.</param>
    /// <param name="command">Calls the aggregate.</param>
    /// <param name="code">How it is called; filled in by the compiler, for the test that a failure shows.</param>
    public AggregateHistories<TAggregate> Command(
        string name, Action<TAggregate> command, [CallerArgumentExpression(nameof(command))] string? code = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(command);
        _propertyTest.Add(new HistoryCall(name, code), aggregate =>
        {
            command(aggregate);
            return aggregate.Raised;
        });
        return this;
    }

    /// <summary>Adds a rule that holds after every command, whether it was done or refused.</summary>
    /// <param name="rule">Its name.</param>
    /// <param name="holds">Whether it holds; what it throws means that it does not.</param>
    /// <param name="code">The rule as it is written; filled in by the compiler, for the test that a failure
    /// shows.</param>
    public AggregateHistories<TAggregate> Always(
        string rule, Func<TAggregate, bool> holds, [CallerArgumentExpression(nameof(holds))] string? code = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(rule);
        ArgumentNullException.ThrowIfNull(holds);
        _propertyTest.Rules.Always.Add(new(rule, holds, LambdaCode.State(code)));
        return this;
    }

    /// <summary>Adds a rule by assertions, which holds after every command.</summary>
    /// <inheritdoc cref="Always(string, Func{TAggregate, bool}, string?)"/>
    public AggregateHistories<TAggregate> Always(
        string rule, Action<TAggregate> holds, [CallerArgumentExpression(nameof(holds))] string? code = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(rule);
        ArgumentNullException.ThrowIfNull(holds);
        _propertyTest.Rules.Always.Add(new(rule, Holds, LambdaCode.Assertion(code)));
        return this;

        bool Holds(TAggregate aggregate)
        {
            holds(aggregate);
            return true;
        }
    }

    /// <summary>
    /// Adds a rule about what the aggregate keeps to itself: <c>Always("seats-exist", (show, state) =>
    /// state.GetProperty("sold").GetArrayLength() &lt;= 100)</c>. No member need be public for it.
    /// </summary>
    /// <param name="rule">Its name.</param>
    /// <param name="holds">
    /// Whether it holds, by the aggregate and its state: each field and property, private ones too, as <c>millrace
    /// at</c> tells them, <c>_sold</c> as <c>sold</c>. What it throws means that it does not hold.
    /// </param>
    public AggregateHistories<TAggregate> Always(string rule, Func<TAggregate, JsonElement, bool> holds)
    {
        ArgumentException.ThrowIfNullOrEmpty(rule);
        ArgumentNullException.ThrowIfNull(holds);
        _propertyTest.Rules.Always.Add(new(rule, Holds, null) { UsesState = true });
        return this;

        bool Holds(TAggregate aggregate) =>
            holds(
                aggregate,
                _propertyTest.Rules.Tell(aggregate)
                    ?? throw new InvalidOperationException(
                        $"{typeof(TAggregate).Name} tells nothing of its state: make it partial, so that what tells "
                            + $"it is generated."
                    )
            );
    }

    /// <summary>The histories, for properties of your own; shortened by leaving commands out, and by simpler
    /// arguments.</summary>
    /// <param name="longest">The most commands of one; from 1, 30 by default.</param>
    public Arbitrary<AggregateHistory<TAggregate>> ToArbitrary(int longest = Histories.DefaultMaxLength) =>
        _propertyTest.ToArbitrary(
            longest, outcome => new AggregateHistory<TAggregate>(outcome), history => history.Outcome);

    /// <summary>Tries the rules on generated histories.</summary>
    /// <param name="runs">How many; from 1, 100 by default.</param>
    /// <param name="seed">The seed of a failure, to see it again; null for a new one.</param>
    /// <param name="longest">The most commands of one; from 1, 30 by default.</param>
    /// <exception cref="SpecificationException">A rule was broken; shows the shortest history found that breaks it, and
    /// the seed.
    /// </exception>
    public void Check(int runs = 100, string? seed = null, int longest = Histories.DefaultMaxLength) =>
        _propertyTest.Check(runs, seed, longest);

    private AggregateHistories<TAggregate> Add<TArguments>(
        HistoryCall call,
        Func<TAggregate, Gen<TArguments>> arguments,
        Func<TArguments, IEnumerable<TArguments>> simpler,
        Action<TAggregate, TArguments> command)
    {
        ArgumentException.ThrowIfNullOrEmpty(call.Name);
        ArgumentNullException.ThrowIfNull(command);
        _propertyTest.Add(call, arguments, simpler, (aggregate, given) =>
        {
            command(aggregate, given);
            return aggregate.Raised;
        });
        return this;
    }
}
