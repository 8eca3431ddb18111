using Millrace.Store;

namespace Millrace.Reporting;

/// <summary>Records the declaration of the application when the store is open.</summary>
internal sealed class ReportDeclarer(Func<Reports> getReports) : IStoreService
{
    public Task Start(CancellationToken cancellationToken) => getReports().Declare(cancellationToken);

    public Task Stop(CancellationToken cancellationToken) => Task.CompletedTask;
}
