using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Millrace;
using Millrace.Bank;

// A node of a cluster that a test starts and kills.
//   usage: Millrace.Orleans.Node ADDRESS NAME PORT
// After the line "READY", each line "TENANT COUNT ACCOUNTS" on standard input lets eight senders deposit 1 COUNT times,
// to accounts 0 … ACCOUNTS-1. The line "DONE" follows.
const int Senders = 8;
using var host = BankNode.Create(args[0], args[1], int.Parse(args[2], CultureInfo.InvariantCulture));
await host.StartAsync();
Console.WriteLine("READY");
while (Console.ReadLine() is { } line)
{
    var parts = line.Split(' ');
    var (count, accounts) = (Number(parts[1]), Number(parts[2]));
    await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = Senders }, async (number, end) =>
    {
        await using var scope = await host.Services.GetRequiredService<Tenants>().Enter(new TenantId(parts[0]), end);
        var bus = scope.Services.GetRequiredService<ICommandBus>();
        await bus.Send(new Deposit(new AccountId($"{number % accounts}"), 1, $"{args[1]}-{number}"), end);
    });
    Console.WriteLine("DONE");
}
await host.StopAsync();

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
