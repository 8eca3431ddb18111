using System.Runtime.CompilerServices;
using System.Text.Json;
using FsCheck;
using Millrace.Testing.Code;
using Millrace.Testing.HistoryGeneration;
using Millrace.Testing.Specifications;

namespace Millrace.Testing;

/// <summary>
/// Tests an aggregate with generated commands and with rules that must be met after each command. Create it with <see
/// cref="Histories.Of{TAggregate}()"/>.
/// </summary>
/// <remarks>
/// Three rules always apply. A command succeeds or is refused, and throws no other exception. Replaying the stored
/// events gives the same state. The replayed aggregate makes the same decisions. Commands must be deterministic: times
/// and random values are arguments.
/// </remarks>
public sealed class AggregateHistories<TAggregate>
    where TAggregate : Aggregate
{
    private readonly HistoryPropertyTest<TAggregate> _propertyTest;

    internal AggregateHistories(object? id) =>
        _propertyTest = new HistoryPropertyTest<TAggregate>(new AggregateSubject<TAggregate>(id));

    /// <summary>Sets the model that stores the events. The default is the model of the aggregate's assembly.</summary>
    public AggregateHistories<TAggregate> WithModel<TModel>()
        where TModel : IModel
    {
        _propertyTest.Definition.RoundTrip.Named = SpecificationModel.Of<TModel>();
        _propertyTest.Definition.ModelName = CSharpCode.NameOf(typeof(TModel));
        return this;
    }

    /// <summary>Adds events that precede every history. Further calls add more events.</summary>
    public AggregateHistories<TAggregate> Given(params object[] events)
    {
        ArgumentNullException.ThrowIfNull(events);
        _propertyTest.Definition.Given.AddRange(events);
        return this;
    }

    /// <summary>
    /// Sets the generators for arguments of commands without their own generator. Call it before adding those commands.
    /// </summary>
    public AggregateHistories<TAggregate> WithGenerators(ModelGenerators generators)
    {
        ArgumentNullException.ThrowIfNull(generators);
        _propertyTest.Generators = generators;
        return this;
    }

    /// <summary>
    /// Adds a command whose argument type is in the model, such as a command record. The model's generators generate
    /// its arguments.
    /// </summary>
    /// <param name="command">Calls the aggregate.</param>
    /// <param name="code">The code of the call. The compiler sets it; failures show it as a test.</param>
    public AggregateHistories<TAggregate> Command<TArguments>(
        Action<TAggregate, TArguments> command, [CallerArgumentExpression(nameof(command))] string? code = null)
        where TArguments : notnull
    {
        ArgumentNullException.ThrowIfNull(command);
        return Command(typeof(TArguments).Name, _propertyTest.Generators.Arbitrary<TArguments>(), command, code);
    }

    /// <summary>Adds a command whose arguments come from a generator.</summary>
    /// <param name="name">The name of the command in failures.</param>
    /// <param name="arguments">Generates the arguments. Shrinking searches for simpler ones among further generated
    /// values.</param>
    /// <param name="command">Calls the aggregate.</param>
    /// <param name="code">The code of the call. The compiler sets it; failures show it as a test.</param>
    public AggregateHistories<TAggregate> Command<TArguments>(
        string name,
        Gen<TArguments> arguments,
        Action<TAggregate, TArguments> command,
        [CallerArgumentExpression(nameof(command))] string? code = null)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return Add(new HistoryCall(name, code), _ => arguments, _propertyTest.SimplerOf(arguments), command);
    }

    /// <summary>Adds a command whose arguments come from an arbitrary, which also shrinks them.</summary>
    /// <param name="name">The name of the command in failures.</param>
    /// <param name="arguments">Generates and shrinks the arguments.</param>
    /// <param name="command">Calls the aggregate.</param>
    /// <param name="code">The code of the call. The compiler sets it; failures show it as a test.</param>
    public AggregateHistories<TAggregate> Command<TArguments>(
        string name,
        Arbitrary<TArguments> arguments,
        Action<TAggregate, TArguments> command,
        [CallerArgumentExpression(nameof(command))] string? code = null)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return Add(new HistoryCall(name, code), _ => arguments.Generator, arguments.Shrinker, command);
    }

    /// <summary>
    /// Adds a command whose arguments depend on the aggregate's state, such as one of its order lines.
    /// </summary>
    /// <param name="name">The name of the command in failures.</param>
    /// <param name="arguments">Generates the arguments, which are not shrunk.</param>
    /// <param name="command">Calls the aggregate.</param>
    /// <param name="code">The code of the call. The compiler sets it; failures show it as a test.</param>
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
    /// <param name="name">The name of the command in failures.</param>
    /// <param name="command">Calls the aggregate.</param>
    /// <param name="code">The code of the call. The compiler sets it; failures show it as a test.</param>
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

    /// <summary>Adds a rule that must hold after every command, including refused ones.</summary>
    /// <param name="rule">The name of the rule.</param>
    /// <param name="holds">Returns true if the rule is met. An exception means that it is not.</param>
    /// <param name="code">The code of the rule. The compiler sets it; failures show it as a test.</param>
    public AggregateHistories<TAggregate> Always(
        string rule, Func<TAggregate, bool> holds, [CallerArgumentExpression(nameof(holds))] string? code = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(rule);
        ArgumentNullException.ThrowIfNull(holds);
        _propertyTest.Definition.Always.Add(new(rule, holds, LambdaCode.StateExpectation(code)));
        return this;
    }

    /// <summary>Adds a rule with assertions that must hold after every command.</summary>
    /// <inheritdoc cref="Always(string, Func{TAggregate, bool}, string?)"/>
    public AggregateHistories<TAggregate> Always(
        string rule, Action<TAggregate> holds, [CallerArgumentExpression(nameof(holds))] string? code = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(rule);
        ArgumentNullException.ThrowIfNull(holds);
        _propertyTest.Definition.Always.Add(new(rule, Holds, LambdaCode.AssertionExpectation(code)));
        return this;

        bool Holds(TAggregate aggregate)
        {
            holds(aggregate);
            return true;
        }
    }

    /// <summary>
    /// Adds a rule about the aggregate's private state: <c>Always("seats-exist", (show, state) =>
    /// state.GetProperty("sold").GetArrayLength() &lt;= 100)</c>. It requires no public members.
    /// </summary>
    /// <param name="rule">The name of the rule.</param>
    /// <param name="holds">Returns true if the rule holds for the aggregate and its state. The state contains each
    /// field and property, including private ones, with names as shown by <c>millrace at</c>: <c>_sold</c> as
    /// <c>sold</c>. An exception means that the rule does not hold.</param>
    public AggregateHistories<TAggregate> Always(string rule, Func<TAggregate, JsonElement, bool> holds)
    {
        ArgumentException.ThrowIfNullOrEmpty(rule);
        ArgumentNullException.ThrowIfNull(holds);
        _propertyTest.Definition.Always.Add(new(rule, Holds, null) { UsesState = true });
        return this;

        bool Holds(TAggregate aggregate) =>
            holds(
                aggregate,
                _propertyTest.Definition.ReadState(aggregate)
                    ?? throw new InvalidOperationException(
                        $"{typeof(TAggregate).Name} does not expose its state: make it partial, so that the code for "
                            + "it is generated."
                    )
            );
    }

    /// <summary>
    /// Returns the histories for your own properties. Shrinking removes commands and simplifies arguments.
    /// </summary>
    /// <param name="maxLength">The maximum number of commands in a history; at least 1, 30 by default.</param>
    public Arbitrary<AggregateHistory<TAggregate>> ToArbitrary(int maxLength = Histories.DefaultMaxLength) =>
        _propertyTest.ToArbitrary(
            maxLength, outcome => new AggregateHistory<TAggregate>(outcome), history => history.Outcome);

    /// <summary>Checks the rules on generated histories.</summary>
    /// <param name="runs">The number of histories; at least 1, 100 by default.</param>
    /// <param name="seed">The seed of a failure to reproduce; null for a new seed.</param>
    /// <param name="maxLength">The maximum number of commands in a history; at least 1, 30 by default.</param>
    /// <exception cref="SpecificationException">A rule was broken. The message contains the seed and the shortest
    /// history found that breaks the rule.</exception>
    public void Check(int runs = 100, string? seed = null, int maxLength = Histories.DefaultMaxLength) =>
        _propertyTest.Check(runs, seed, maxLength);

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
