// Creates events of about 300 bytes as JSON, like the events of the Millrace benchmarks.
export const events = (key, count) =>
  Array.from({ length: count }, (_, i) => ({
    id: crypto.randomUUID(),
    key: key + i,
    line: (key % 39) + 1,
    product: `${10_000 + (key % 90_000)}A`,
    description: 'WHITE HANGING HEART T-LIGHT HOLDER',
    quantity: (key % 47) + 1,
    price: 50 + (key % 4_950) / 100,
    currency: 'GBP',
    country: 'United Kingdom',
    at: '2011-01-01T08:26:00+00:00',
    customer: `customer-${12_000 + (key % 6_500)}`,
    note: `Leave with the neighbours at number ${key % 200}`,
  }));
