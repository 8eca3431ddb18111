using Millrace.Benchmarks.Data;

[assembly: Millrace.AssemblyModel<BasketModel>]

namespace Millrace.Benchmarks.Data;

/// <summary>The model of the benchmarks, written by hand.</summary>
internal sealed class BasketModel : IModel
{
    public static void Register(ModelBuilder model) => model
        .Event(SampleLines.EventType, 1, DataJson.Default.LineAdded)
        .Aggregate(Basket.Definition)
        .Command(AddLine.Definition)
        .Projection(LineTotals.Definition)
        .Json(DataJson.Default);
}
