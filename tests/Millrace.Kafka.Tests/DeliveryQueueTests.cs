using Millrace.Shared.Transports;

namespace Millrace.Kafka.Tests;

/// <summary>
/// Tests of the collections in which adapters store deliveries and open numbers. Sorted sets give the expected results.
/// </summary>
public sealed class DeliveryQueueTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Deliveries_are_taken_in_order_when_some_are_added_again(int seed)
    {
        var random = new Random(seed);
        var queue = new DeliveryQueue<long, Numbered>();
        var expected = new SortedSet<long>();
        var (last, taken) = (0L, new List<long>());
        for (var i = 0; i < 20_000; i++)
        {
            switch (random.Next(8))
            {
                case < 4:
                    Assert.True(queue.TryAdd(++last, new Numbered(last)));
                    expected.Add(last);
                    break;
                case < 6:
                    var some = queue.Take(random.Next(7)).Select(delivery => ((Numbered)delivery).Number).ToList();
                    Assert.Equal(expected.Take(some.Count), some);
                    expected.ExceptWith(some);
                    taken.AddRange(some);
                    break;
                case 6 when taken.Count > 0:
                    var again = taken[random.Next(taken.Count)];
                    Assert.Equal(expected.Add(again), queue.TryAdd(again, new Numbered(again)));
                    break;
                default:
                    var rest = random.Next(200);
                    Assert.Equal(
                        expected.RemoveWhere(number => number % 200 == rest),
                        queue.RemoveAll(delivery => delivery.Number % 200 == rest));
                    break;
            }
            Assert.Equal(expected.Count, queue.Count);
        }
        var keys = new List<long>();
        queue.AddKeysTo(keys);
        Assert.Equal(expected, keys);
        queue.Clear();
        Assert.Empty(queue.Take(10));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_first_open_number_is_known_when_numbers_finish_in_any_order(int seed)
    {
        var random = new Random(seed);
        var numbers = new OpenSequenceNumbers();
        var expected = new SortedSet<long>();
        var last = -1L;
        for (var i = 0; i < 20_000; i++)
        {
            switch (random.Next(8))
            {
                case < 4:
                    last += random.Next(1, 3);
                    numbers.Add(last);
                    expected.Add(last);
                    break;
                case < 7:
                    var number =
                        random.Next(3) > 0 && expected.Count > 0 ? expected.Min : Math.Max(0, last - random.Next(600));
                    Assert.Equal(expected.Contains(number), numbers.Contains(number));
                    Assert.Equal(expected.Remove(number), numbers.Finish(number));
                    break;
                default: // A partition starts again at an earlier offset.
                    var back = Math.Max(0, last - random.Next(1_000));
                    numbers.Add(back);
                    expected.Add(back);
                    last = Math.Max(last, back);
                    break;
            }
            Assert.Equal(expected.Count, numbers.Count);
            Assert.Equal(expected.Count == 0 ? null : expected.Min, numbers.First);
        }
    }

    private sealed class Numbered(long number) : Delivery(new Message { Id = "1", Type = "one", Body = default })
    {
        public long Number { get; } = number;
    }
}
