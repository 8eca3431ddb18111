using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Protection;
using Millrace.Testing;

namespace Millrace.Tests.Protection;

/// <summary>A node of an application with encrypted personal data.</summary>
internal sealed class CustomerNode : IAsyncDisposable
{
    public const string Mailer = "mailer";

    private readonly IHost _host;

    private CustomerNode(IHost host, ConcurrentQueue<string> mails, ConcurrentQueue<string> reminders) =>
        (_host, Mails, Reminders) = (host, mails, reminders);

    /// <summary>Gets the addresses that the consumer of this node received.</summary>
    public ConcurrentQueue<string> Mails { get; }

    /// <summary>Gets the addresses that commands of timers contained.</summary>
    public ConcurrentQueue<string> Reminders { get; }

    public IServiceProvider Services => _host.Services;

    public EventStore Store => _host.Services.GetRequiredService<EventStore>();

    public KeyRing Keys => _host.Services.GetRequiredService<KeyRing>();

    public Timers Timers => _host.Services.GetRequiredService<Timers>();

    public DeadLetters DeadLetters => _host.Services.GetRequiredService<DeadLetters>();

    public Consumers Consumers => _host.Services.GetRequiredService<Consumers>();

    public IReadModel<string, CustomerView> Customers =>
        _host.Services.GetRequiredService<IReadModel<string, CustomerView>>();

    public static async Task<CustomerNode> Start(Action<MillraceBuilder> configure, bool runsConsumers = true)
    {
        var (mails, reminders) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace =>
        {
            millrace
                .AddModel(model => CustomerModel.Register(model, reminders.Enqueue))
                .AddTimers()
                .AddConsumer(Mailer, new EventFilter { Types = ["customer.registered"] }, (recorded, _) =>
                {
                    var email = ((Registered)recorded.Data!).Email;
                    if (email.StartsWith("bounce-", StringComparison.Ordinal))
                        throw new InvalidOperationException("The address does not exist.");
                    mails.Enqueue(email);
                    return ValueTask.CompletedTask;
                })
                .ConfigureConsumers(options =>
                {
                    TestNode.UseShortIntervals(options);
                    options.IsEnabled = runsConsumers;
                });
            configure(millrace);
        });
        var host = builder.Build();
        try
        {
            await host.StartAsync();
        }
        catch
        {
            host.Dispose();
            throw;
        }
        return new CustomerNode(host, mails, reminders);
    }

    public AggregateRepository Repository(int? snapshotEvery = null) =>
        new(Store, [CustomerModel.Aggregate(snapshotEvery)]);

    public async Task<ConsistencyToken> Register(string id, string email, string phone = "555") =>
        (await Store.Append(
            StreamId.For("customer", id), ExpectedVersion.Any, [new Registered(id, email, phone)])).Token;

    public async Task<object?> ReadLast(string id)
    {
        await foreach (var recorded in Store.ReadStreamBackwards(StreamId.For("customer", id)))
            return recorded.Data;
        return null;
    }

    public Task<ConcurrentQueue<string>> WaitForMails(int count) =>
        Eventually.Get(() => Task.FromResult(Mails), mails => mails.Count >= count, TestNode.WaitTimeout);

    public async Task<CustomerView?> ReadView(string id, ConsistencyToken after) =>
        (await Customers.Get(id, new ReadAfter(after, TestNode.WaitTimeout))).Value;

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
        else
            _host.Dispose();
    }
}
